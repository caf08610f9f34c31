package mcphttp_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/test/rpc"
	"serverless-mcp/internal/tool"
)

// No message and no header makes a key call a tool outside its scope: neither members
// that occur twice or in another case, nor escapes, nor headers that name another tool,
// in small messages and in large ones.
func TestScopeCannotBeSmuggled(t *testing.T) {
	type text struct {
		Text string `json:"text,omitempty" doc:"any text"`
	}
	var calls []string
	named := func(name string) tool.Tool {
		return tool.New(tool.Info{Name: name, Description: "For tests."}, func(context.Context, text) (string, error) {
			calls = append(calls, name)
			return "called " + name, nil
		})
	}
	s, err := mcpserver.New(mcpserver.Options{Name: "fixture"}, tool.Set{Tools: []tool.Tool{named("open"), named("closed")}})
	if err != nil {
		t.Fatal(err)
	}
	h, _ := newHandlerWith(s, func(o *mcphttp.Options) {
		o.Authenticate = func(*http.Request) (apikey.Principal, error) {
			return apikey.Principal{KeyID: "ci", Tools: []string{"open"}}, nil
		}
	})
	large := `{"text":"` + strings.Repeat("x", 20_000) + `"}`
	modern := func(name string) string {
		body, _ := rpc.ModernCall("1", name, "{}")
		return body
	}
	_, headers := rpc.ModernCall("1", "open", "{}")
	for _, arguments := range []string{"{}", large} {
		for name, c := range map[string]struct {
			params  string
			headers []string
		}{
			"plain":             {`"name":"closed"`, nil},
			"escaped":           {`"name":"c\u006cosed"`, nil},
			"twice":             {`"name":"open","name":"closed"`, nil},
			"twice, reversed":   {`"name":"closed","name":"open"`, nil},
			"other case":        {`"name":"open","NAME":"closed"`, nil},
			"other case first":  {`"Name":"closed","name":"open"`, nil},
			"escaped member":    {`"name":"open","n\u0061me":"closed"`, nil},
			"header":            {`"name":"closed"`, []string{"Mcp-Name", "open"}},
			"padded":            {`"name":" closed "`, nil},
			"in the arguments":  {`"name":"open","arguments":{"name":"closed"}`, nil},
			"in _meta":          {`"name":"open","_meta":{"name":"closed"}`, nil},
			"other upper case":  {`"name":"CLOSED"`, nil},
			"long s (Unicode)":  {`"name":"clo\u017fed"`, nil},
			"a list of names":   {`"name":["open","closed"]`, nil},
			"with a null byte":  {`"name":"closed\u0000"`, nil},
			"with a byte order": {`"name":"\ufeffclosed"`, nil},
		} {
			body := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{` + c.params + `,"arguments":` + arguments + `}}`
			if w := post(h, body, c.headers...); strings.Contains(w.Body.String(), "called closed") {
				t.Errorf("%s: %d %s", name, w.Code, w.Body)
			}
		}
		for name, body := range map[string]string{
			"two methods":   `{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/call","params":{"name":"closed","arguments":` + arguments + `}}`,
			"two params":    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"open"},"PARAMS":{"name":"closed","arguments":` + arguments + `}}`,
			"batch":         `[` + rpc.Call("1", "closed", arguments) + `]`,
			"two messages":  rpc.Call("1", "open", arguments) + rpc.Call("2", "closed", arguments),
			"no id":         `{"jsonrpc":"2.0","method":"tools/call","params":{"name":"closed","arguments":` + arguments + `}}`,
			"with a result": strings.Replace(rpc.Call("1", "closed", arguments), `"id"`, `"result":{},"id"`, 1),
		} {
			post(h, body)
			if len(calls) > 0 && calls[len(calls)-1] == "closed" {
				t.Fatalf("%s called the tool", name)
			}
		}
	}
	if w := post(h, modern("closed"), headers...); strings.Contains(w.Body.String(), "called") {
		t.Errorf("the newer era, another Mcp-Name: %s", w.Body)
	}
	if w := post(h, rpc.Call("1", "open", large)); !strings.Contains(w.Body.String(), "called open") {
		t.Errorf("the allowed tool: %s", w.Body)
	}
	for _, name := range calls {
		if name == "closed" {
			t.Error("the closed tool was called")
		}
	}
}

// A session of another key is like an unknown one, for every method and message, even for
// a response to one of its requests.
func TestForeignSessions(t *testing.T) {
	one := newTask(t, asking(t))
	in := open(t, one.URL, `{"elicitation":{}}`)
	stream := send(t, t.Context(), "POST", one.URL, rpc.Call("1", "ask", `{"whom":"user"}`), in...)
	if got := eventsOf(t, stream, 2); len(got) != 2 {
		t.Fatalf("got %q", got)
	}
	response := `{"jsonrpc":"2.0","id":"request-1","result":{"action":"accept","content":{}}}`
	for _, c := range []struct{ method, body string }{
		{"POST", rpc.Ping}, {"POST", response}, {"POST", `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`},
		{"POST", `{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"debug"}}`}, {"GET", ""}, {"DELETE", ""},
	} {
		for _, headers := range [][]string{{"X-Api-Key", "other"}, {"X-Api-Key", "other", "Last-Event-ID", "2-0"}} {
			got := send(t, t.Context(), c.method, one.URL, c.body, append(headers, in...)...)
			unknown := send(t, t.Context(), c.method, one.URL, c.body, append(headers, "Mcp-Session-Id", "x", "Mcp-Protocol-Version", "2025-11-25")...)
			if got.StatusCode != http.StatusNotFound || unknown.StatusCode != http.StatusNotFound {
				t.Errorf("%s %s: %s, and %s for an unknown session", c.method, c.body, got.Status, unknown.Status)
			}
		}
	}
	if got := send(t, t.Context(), "POST", one.URL, response, in...); got.StatusCode != http.StatusAccepted {
		t.Errorf("the session's own response: %s", got.Status)
	}
	if rest := eventsOf(t, stream, 9); len(rest) != 1 || !strings.Contains(rest[0], `accept`) {
		t.Errorf("got %q", rest)
	}
}
