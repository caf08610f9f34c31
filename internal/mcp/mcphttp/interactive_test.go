package mcphttp_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/mcp/mcpsession"
	"serverless-mcp/internal/test/rpc"
	"serverless-mcp/internal/tool"
)

// reportsBefore is how many reports the tool of [asking] sends before its request.
const reportsBefore = 50

// asking is a server whose tool sends a request to the client, for elicitation,
// sampling or roots as its argument says, and returns the response.
func asking(t *testing.T) *server.MCPServer {
	t.Helper()
	ask := func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		responses := request.Params.InputResponses
		if user := server.ElicitationResponse(responses, "user"); user != nil {
			return mcp.NewToolResultText(string(user.Action)), nil
		}
		if model := server.SamplingResponse(responses, "model"); model != nil {
			return mcp.NewToolResultText(model.Content.(mcp.TextContent).Text), nil
		}
		if roots := server.RootsResponse(responses, "roots"); roots != nil {
			return mcp.NewToolResultText(roots.Roots[0].URI), nil
		}
		for i := range reportsBefore {
			tool.Progress(ctx, float64(i), 0, "")
		}
		b := server.NewInputRequestBuilder("")
		switch request.GetString("whom", "") {
		case "user":
			b.Elicit("user", mcp.ElicitationParams{Message: "sure?", RequestedSchema: map[string]any{"type": "object"}})
		case "user's browser":
			b.Elicit("user", mcp.ElicitationParams{Mode: mcp.ElicitationModeURL, ElicitationID: "e", URL: "https://x.example", Message: "sure?"})
		case "model":
			b.Sample("model", mcp.CreateMessageParams{MaxTokens: 1})
		case "roots":
			b.Roots("roots")
		}
		return b.ToolResult(), nil
	}
	definition := mcp.NewTool("ask", mcp.WithDescription("For tests."), mcp.WithString("whom"))
	s, err := mcpserver.New(mcpserver.Options{Name: "fixture"}, tool.Set{Tools: []tool.Tool{tool.Raw(definition, ask)}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// open starts a session with those capabilities and returns its headers.
func open(t *testing.T, url, capabilities string) []string {
	t.Helper()
	request := strings.Replace(rpc.Initialize, `"capabilities":{}`, `"capabilities":`+capabilities, 1)
	return []string{"Mcp-Session-Id", send(t, t.Context(), "POST", url, request).Header.Get("Mcp-Session-Id"), "Mcp-Protocol-Version", "2025-11-25"}
}

// A server-to-client request is sent on the stream of its call, its response may
// arrive at any task, and the call continues with it.
func TestClientRequestsInASession(t *testing.T) {
	one, two := newTask(t, asking(t)), newTask(t, asking(t))
	const result = `"result":{"content":[{"type":"text","text":"`
	for whom, c := range map[string]struct{ method, response, result string }{
		"user":  {`"method":"elicitation/create","params":{"message":"sure?","requestedSchema":{"type":"object"}}`, `"result":{"action":"accept","content":{}}`, result + `accept"`},
		"model": {`"method":"sampling/createMessage"`, `"result":{"role":"assistant","content":{"type":"text","text":"hello"},"model":"m"}`, result + `hello"`},
		"roots": {`"method":"roots/list"`, `"result":{"roots":[{"uri":"file:///x"}]}`, result + `file:///x"`},
	} {
		t.Run(whom, func(t *testing.T) {
			in := open(t, one.URL, `{"elicitation":{},"sampling":{},"roots":{}}`)
			body := strings.Replace(rpc.Call("1", "ask", `{"whom":"`+whom+`"}`), `"name"`, `"_meta":{"progressToken":"t"},"name"`, 1)
			stream := send(t, t.Context(), "POST", one.URL, body, in...)
			events := eventsOf(t, stream, 1+reportsBefore+1)
			last := len(events) - 1 // sent after the reports
			if last != 1+reportsBefore || !strings.Contains(events[last], c.method) {
				t.Fatalf("got %q, want %s after all reports", events, c.method)
			}
			_, sent, _ := strings.Cut(events[last], " ")
			var request struct{ ID json.RawMessage }
			if err := json.Unmarshal([]byte(sent), &request); err != nil {
				t.Fatal(err)
			}
			response := `{"jsonrpc":"2.0","id":` + string(request.ID) + `,` + c.response + `}`
			for i, want := range []int{http.StatusAccepted, http.StatusBadRequest} {
				if got := send(t, t.Context(), "POST", two.URL, response, in...); got.StatusCode != want {
					t.Errorf("response %d: %s, want %d", i, got.Status, want)
				}
			}
			if rest := eventsOf(t, stream, 9); len(rest) != 1 || !strings.Contains(rest[0], c.result) {
				t.Errorf("got %q, want %s", rest, c.result)
			}
		})
	}
}

// A tool that sends a request that the client has not declared, or whose response
// cannot reach the call, gets an error at once.
func TestClientRequestsThatFailAtOnce(t *testing.T) {
	one := newTask(t, asking(t))
	in := open(t, one.URL, `{"sampling":{}}`)
	elicits := open(t, one.URL, `{"elicitation":{}}`)
	toolError := func(text string) string {
		return `{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"` + text + `"}],"isError":true}}`
	}
	const missing = "this needs elicitation, which the client does not support"
	const nowhere = "this needs a response from the client during the call, which this server can request only in protocol 2026-07-28 or later"
	for name, c := range map[string]struct {
		whom    string
		headers []string
		want    string
	}{
		"not declared":           {"user", in, "data: " + toolError(missing)},
		"sampling, not declared": {"model", elicits, "data: " + toolError(strings.Replace(missing, "elicitation", "sampling", 1))},
		"roots, not declared":    {"roots", elicits, "data: " + toolError(strings.Replace(missing, "elicitation", "roots", 1))},
		"without a session":      {"user", nil, toolError(nowhere)},
		"without a stream":       {"user", append([]string{"Accept", "application/json"}, in...), toolError(nowhere)},
	} {
		body, err := io.ReadAll(send(t, t.Context(), "POST", one.URL, rpc.Call("1", "ask", `{"whom":"`+c.whom+`"}`), c.headers...).Body)
		lines := strings.Split(strings.TrimSpace(string(body)), "\n")
		if diff := cmp.Diff(c.want, lines[len(lines)-1]); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}

// A client that declares only form elicitation gets no URL elicitation, and vice versa.
func TestElicitationModes(t *testing.T) {
	one := newTask(t, asking(t))
	for whom, capabilities := range map[string]string{"user's browser": `{"elicitation":{}}`, "user": `{"elicitation":{"url":{}}}`} {
		stream := send(t, t.Context(), "POST", one.URL, rpc.Call("1", "ask", `{"whom":"`+whom+`"}`), open(t, one.URL, capabilities)...)
		if got := eventsOf(t, stream, 2); len(got) != 2 || !strings.Contains(got[1], "does not support") {
			t.Errorf("%s, %s: got %q", whom, capabilities, got)
		}
	}
	for whom, capabilities := range map[string]string{"user's browser": `{"elicitation":{"url":{}}}`, "user": `{"elicitation":{"form":{}}}`} {
		in := open(t, one.URL, capabilities)
		stream := send(t, t.Context(), "POST", one.URL, rpc.Call("1", "ask", `{"whom":"`+whom+`"}`), in...)
		if got := eventsOf(t, stream, 2); len(got) != 2 || !strings.Contains(got[1], `"method":"elicitation/create"`) || strings.Contains(got[1], `"mode":"url"`) != (whom != "user") {
			t.Errorf("%s, %s: got %q, want the request", whom, capabilities, got)
		}
		send(t, t.Context(), "DELETE", one.URL, "", in...) // ends the call
	}
}

// An error response ends the call with an error.
func TestClientRespondsWithError(t *testing.T) {
	one := newTask(t, asking(t))
	for _, whom := range []string{"user", "model", "roots"} {
		in := open(t, one.URL, `{"elicitation":{},"sampling":{},"roots":{}}`)
		stream := send(t, t.Context(), "POST", one.URL, rpc.Call("1", "ask", `{"whom":"`+whom+`"}`), in...)
		if events := eventsOf(t, stream, 2); len(events) != 2 {
			t.Fatalf("%s: got %q", whom, events)
		}
		send(t, t.Context(), "POST", one.URL, `{"jsonrpc":"2.0","id":"request-1","error":{"code":-1,"message":"the user is away"}}`, in...)
		if rest := eventsOf(t, stream, 9); len(rest) != 1 || !strings.Contains(rest[0], "the user is away") || !strings.Contains(rest[0], `"error":{`) {
			t.Errorf("%s: got %q", whom, rest)
		}
	}
}

// A response that cannot be read ends the call with an error.
func TestUnreadableClientResponses(t *testing.T) {
	one := newTask(t, asking(t))
	for whom, result := range map[string]string{"model": `{"role":"assistant","content":7,"model":"m"}`, "roots": `{"roots":7}`, "user": `7`} {
		in := open(t, one.URL, `{"elicitation":{},"sampling":{},"roots":{}}`)
		stream := send(t, t.Context(), "POST", one.URL, rpc.Call("1", "ask", `{"whom":"`+whom+`"}`), in...)
		if events := eventsOf(t, stream, 2); len(events) != 2 {
			t.Fatalf("%s: got %q", whom, events)
		}
		send(t, t.Context(), "POST", one.URL, `{"jsonrpc":"2.0","id":"request-1","result":`+result+`}`, in...)
		if rest := eventsOf(t, stream, 9); len(rest) != 1 || !strings.Contains(rest[0], `"isError":true`) && !strings.Contains(rest[0], `"error":{`) {
			t.Errorf("%s: got %q", whom, rest)
		}
	}
}

// elicitingSession starts a session of a client with elicitation. do serves a request
// without a connection, and id is the session's id.
func elicitingSession(t *testing.T) (do func(method, body string, headers ...string) *httptest.ResponseRecorder, id string) {
	store, err := mcpsession.New(mcpsession.Options{Secret: "0123456789abcdef"})
	if err != nil {
		t.Fatal(err)
	}
	h, _ := newHandlerWith(asking(t), streaming, func(o *mcphttp.Options) { o.Sessions = store })
	do = func(method, body string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "/mcp", strings.NewReader(body))
		rpc.SetHeaders(r.Header, headers...)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	return do, do("POST", strings.Replace(rpc.Initialize, `"capabilities":{}`, `"capabilities":{"elicitation":{}}`, 1)).Header().Get("Mcp-Session-Id")
}

// A call whose client never responds ends.
func TestClientRequestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		do, id := elicitingSession(t)
		began := time.Now()
		w := do("POST", rpc.Call("1", "ask", `{"whom":"user"}`), "Mcp-Session-Id", id)
		if took := time.Since(began); took != 5*time.Minute || !strings.Contains(w.Body.String(), `"error":{`) {
			t.Errorf("after %v: %s", took, w.Body)
		}
		do("DELETE", "", "Mcp-Session-Id", id)
	})
}

// A session has up to 16 open server-to-client requests. A call that needs one more
// gets an error at once, and the others continue.
func TestManyClientRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		do, id := elicitingSession(t)
		call := func(i int) string {
			return do("POST", rpc.Call(strconv.Itoa(i), "ask", `{"whom":"user"}`), "Mcp-Session-Id", id).Body.String()
		}
		var calls sync.WaitGroup
		for i := range 16 {
			calls.Go(func() {
				if body := call(i); !strings.Contains(body, "deadline exceeded") {
					t.Errorf("call %d: %s, want it to wait for the client", i, body)
				}
			})
		}
		synctest.Wait()
		began := time.Now()
		if body := call(16); !strings.Contains(body, "too many requests wait for the client's responses") || time.Since(began) > 0 {
			t.Errorf("one more call: after %v %s", time.Since(began), body)
		}
		calls.Wait()
		do("DELETE", "", "Mcp-Session-Id", id)
	})
}
