package mcphttp_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
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

// reportsBefore is how often curious reports before it asks.
const reportsBefore = 50

// curious is a server whose tool asks the user, the model and for the roots, each
// when it is told to, and says what it heard.
func curious(t *testing.T) *server.MCPServer {
	t.Helper()
	ask := func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		heard := request.Params.InputResponses
		if user := server.ElicitationResponse(heard, "user"); user != nil {
			return mcp.NewToolResultText(string(user.Action)), nil
		}
		if model := server.SamplingResponse(heard, "model"); model != nil {
			return mcp.NewToolResultText(model.Content.(mcp.TextContent).Text), nil
		}
		if roots := server.RootsResponse(heard, "roots"); roots != nil {
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

// open begins a session with those capabilities, and returns its headers.
func open(t *testing.T, url, capabilities string) []string {
	t.Helper()
	request := strings.Replace(rpc.Initialize, `"capabilities":{}`, `"capabilities":`+capabilities, 1)
	return []string{"Mcp-Session-Id", send(t, t.Context(), "POST", url, request).Header.Get("Mcp-Session-Id"), "Mcp-Protocol-Version", "2025-11-25"}
}

// TestQuestionsInASession: a question goes out on the stream of its call, the
// answer comes by whichever task it meets, and the call goes on with it.
func TestQuestionsInASession(t *testing.T) {
	one, two := newTask(t, curious(t)), newTask(t, curious(t))
	const answer = `"result":{"content":[{"type":"text","text":"`
	for whom, c := range map[string]struct{ method, answer, heard string }{
		"user":  {`"method":"elicitation/create","params":{"message":"sure?","requestedSchema":{"type":"object"}}`, `"result":{"action":"accept","content":{}}`, answer + `accept"`},
		"model": {`"method":"sampling/createMessage"`, `"result":{"role":"assistant","content":{"type":"text","text":"hello"},"model":"m"}`, answer + `hello"`},
		"roots": {`"method":"roots/list"`, `"result":{"roots":[{"uri":"file:///x"}]}`, answer + `file:///x"`},
	} {
		t.Run(whom, func(t *testing.T) {
			in := open(t, one.URL, `{"elicitation":{},"sampling":{},"roots":{}}`)
			body := strings.Replace(rpc.Call("1", "ask", `{"whom":"`+whom+`"}`), `"name"`, `"_meta":{"progressToken":"t"},"name"`, 1)
			stream := send(t, t.Context(), "POST", one.URL, body, in...)
			events := eventsOf(t, stream, 1+reportsBefore+1)
			asks := len(events) - 1 // last, as the tool did
			if asks != 1+reportsBefore || !strings.Contains(events[asks], c.method) {
				t.Fatalf("got %q, want %s after all reports", events, c.method)
			}
			_, question, _ := strings.Cut(events[asks], " ")
			var asked struct{ ID json.RawMessage }
			if err := json.Unmarshal([]byte(question), &asked); err != nil {
				t.Fatal(err)
			}
			response := `{"jsonrpc":"2.0","id":` + string(asked.ID) + `,` + c.answer + `}`
			for i, want := range []int{http.StatusAccepted, http.StatusBadRequest} {
				if got := send(t, t.Context(), "POST", two.URL, response, in...); got.StatusCode != want {
					t.Errorf("answer %d: %s, want %d", i, got.Status, want)
				}
			}
			if rest := eventsOf(t, stream, 9); len(rest) != 1 || !strings.Contains(rest[0], c.heard) {
				t.Errorf("got %q, want %s", rest, c.heard)
			}
		})
	}
}

// TestQuestionsThatCannotBeAsked: a tool that asks what the client has not
// declared, or where its answer has no way back, hears so at once.
func TestQuestionsThatCannotBeAsked(t *testing.T) {
	one := newTask(t, curious(t))
	in := open(t, one.URL, `{"sampling":{}}`)
	toolError := func(text string) string {
		return `{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"` + text + `"}],"isError":true}}`
	}
	const missing = "this needs elicitation, which the client has not declared that it can do"
	const nowhere = "this needs an answer from the client in mid-call, which this server can only ask for in protocol 2026-07-28 or later"
	for name, c := range map[string]struct {
		headers []string
		want    string
	}{
		"not declared":      {in, "data: " + toolError(missing)},
		"without a session": {nil, toolError(nowhere)},
		"without a stream":  {append([]string{"Accept", "application/json"}, in...), toolError(nowhere)},
	} {
		body, err := io.ReadAll(send(t, t.Context(), "POST", one.URL, rpc.Call("1", "ask", `{"whom":"user"}`), c.headers...).Body)
		lines := strings.Split(strings.TrimSpace(string(body)), "\n")
		if diff := cmp.Diff(c.want, lines[len(lines)-1]); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}

// TestAFormIsNoBrowser: a client that shows forms is not asked to open a page.
func TestAFormIsNoBrowser(t *testing.T) {
	one := newTask(t, curious(t))
	for whom, capabilities := range map[string]string{"user's browser": `{"elicitation":{}}`, "user": `{"elicitation":{"url":{}}}`} {
		stream := send(t, t.Context(), "POST", one.URL, rpc.Call("1", "ask", `{"whom":"`+whom+`"}`), open(t, one.URL, capabilities)...)
		if got := eventsOf(t, stream, 2); len(got) != 2 || !strings.Contains(got[1], "has not declared") {
			t.Errorf("%s, %s: got %q", whom, capabilities, got)
		}
	}
}

// TestAClientThatRefuses: an error for an answer ends the call with an error.
func TestAClientThatRefuses(t *testing.T) {
	one := newTask(t, curious(t))
	in := open(t, one.URL, `{"elicitation":{}}`)
	stream := send(t, t.Context(), "POST", one.URL, rpc.Call("1", "ask", `{"whom":"user"}`), in...)
	if events := eventsOf(t, stream, 2); len(events) != 2 {
		t.Fatalf("got %q", events)
	}
	send(t, t.Context(), "POST", one.URL, `{"jsonrpc":"2.0","id":"question-1","error":{"code":-1,"message":"the user is away"}}`, in...)
	if rest := eventsOf(t, stream, 9); len(rest) != 1 || !strings.Contains(rest[0], "the user is away") || !strings.Contains(rest[0], `"error":{`) {
		t.Errorf("got %q", rest)
	}
}

// TestAQuestionDoesNotWaitForEver: nobody answers, and the call ends all the same.
func TestAQuestionDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, err := mcpsession.New(mcpsession.Options{Secret: "0123456789abcdef"})
		if err != nil {
			t.Fatal(err)
		}
		h, _ := newHandlerWith(curious(t), streaming, func(o *mcphttp.Options) { o.Sessions = store })
		answer := func(method, body string, headers ...string) *httptest.ResponseRecorder {
			r := httptest.NewRequest(method, "/mcp", strings.NewReader(body))
			rpc.SetHeaders(r.Header, headers...)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w
		}
		id := answer("POST", strings.Replace(rpc.Initialize, `"capabilities":{}`, `"capabilities":{"elicitation":{}}`, 1)).Header().Get("Mcp-Session-Id")
		began := time.Now()
		w := answer("POST", rpc.Call("1", "ask", `{"whom":"user"}`), "Mcp-Session-Id", id)
		if took := time.Since(began); took != 5*time.Minute || !strings.Contains(w.Body.String(), `"error":{`) {
			t.Errorf("after %v: %s", took, w.Body)
		}
		answer("DELETE", "", "Mcp-Session-Id", id)
	})
}
