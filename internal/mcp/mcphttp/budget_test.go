package mcphttp_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/test/rpc"
	"serverless-mcp/internal/tool"
)

// byName uses the sent key as the key's id.
func byName(o *mcphttp.Options) {
	o.Authenticate = func(r *http.Request) (apikey.Principal, error) {
		return apikey.Principal{KeyID: r.Header.Get("X-Api-Key")}, nil
	}
}

// A key gets 429 above its share of the running calls and of their bytes, and all keys get
// 503 above the budget of the process. Ended calls release their part of the budget.
func TestBudget(t *testing.T) {
	running, finish := make(chan struct{}), make(chan struct{})
	s := fixture()
	s.AddTool(mcp.NewTool("block"), func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		running <- struct{}{}
		<-finish
		return mcp.NewToolResultText("done"), nil
	})
	block := func(h http.Handler, key string, size int) <-chan *httptest.ResponseRecorder {
		done := make(chan *httptest.ResponseRecorder, 1)
		go func() {
			done <- post(h, rpc.Call("1", "block", `{"text":"`+strings.Repeat("x", size)+`"}`), "X-Api-Key", key)
		}()
		<-running
		return done
	}
	for name, test := range map[string]struct {
		calls, size int
		keys        string // of the calls that run
		key         string // of the call that is rejected
		status      int
		reason      string
	}{
		"calls of a key": {20, 10, "aa", "a", 429, "too many calls of this key are running"},
		"calls in all":   {20, 10, "aabbccddeeffgghhiijj", "k", 503, "the server is busy"},
		"bytes of a key": {1000, 45_000, "aa", "a", 429, "the running calls of this key have too many bytes"},
		"bytes in all":   {1000, 45_000, "aabb", "c", 503, "the server is busy"},
	} {
		t.Run(name, func(t *testing.T) {
			h, _ := newHandlerWith(s, byName, func(o *mcphttp.Options) { o.MaxCalls, o.MaxBytes = test.calls, 200_000 })
			var all []<-chan *httptest.ResponseRecorder
			for _, key := range strings.Split(test.keys, "") {
				all = append(all, block(h, key, test.size))
			}
			w := post(h, rpc.Call("1", "echo", `{"text":"`+strings.Repeat("x", test.size)+`"}`), "X-Api-Key", test.key)
			check(t, w, test.status, rpc.Error("null", "-32603", test.reason))
			if w.Header().Get("Retry-After") != "1" {
				t.Errorf("Retry-After is %q", w.Header().Get("Retry-After"))
			}
			for range all {
				finish <- struct{}{}
			}
			for _, done := range all {
				check(t, <-done, 200, rpc.Result("1", `{"content":[{"type":"text","text":"done"}]}`))
			}
			for _, body := range []string{rpc.Call("1", "echo", `{"text":"`+strings.Repeat("x", test.size)+`"}`), `{`, "[" + strings.Repeat(" ", 90_000) + "]"} {
				for i := range 30 { // rejections also release their part
					if w := post(h, body, "X-Api-Key", test.key); w.Code == 429 || w.Code == 503 {
						t.Fatalf("call %d after the end: %d %s", i, w.Code, w.Body)
					}
				}
			}
		})
	}
}

// A key may have half of MaxStreams streams, and all keys together MaxStreams. A stream
// that ends releases its part of the budget, and a session can be deleted at the limit.
func TestStreamBudget(t *testing.T) {
	one := newTask(t, fixture(), func(o *mcphttp.Options) { o.MaxStreams = 4 })
	sessions := map[string]string{}
	listen := func(key string) (*http.Response, context.CancelFunc) {
		ctx, cancel := context.WithCancel(t.Context())
		sessions[key] = send(t, ctx, "POST", one.URL, rpc.Initialize, "X-Api-Key", key).Header.Get("Mcp-Session-Id")
		return send(t, ctx, "GET", one.URL, "", "Mcp-Session-Id", sessions[key], "X-Api-Key", key), cancel
	}
	var end context.CancelFunc
	for i, c := range []struct {
		key    string
		status int
		reason string
	}{{"a", 200, ""}, {"a", 200, ""}, {"a", 429, "too many streams of this key are running"}, {"b", 200, ""}, {"c", 200, ""}, {"d", 503, "the server is busy"}} {
		var got *http.Response
		got, end = listen(c.key)
		if got.StatusCode != c.status {
			t.Fatalf("stream %d, of key %s: %s, want %d", i, c.key, got.Status, c.status)
		}
		if c.reason == "" {
			continue
		}
		if body, err := io.ReadAll(got.Body); err != nil || string(body) != rpc.Error("null", "-32603", c.reason) || got.Header.Get("Retry-After") != "1" {
			t.Errorf("stream %d: %s, %v, %v", i, body, got.Header, err)
		}
	}
	end()
	if got := send(t, t.Context(), "POST", one.URL, rpc.Ping, "X-Api-Key", "a", "Mcp-Session-Id", sessions["a"]); got.StatusCode != 200 {
		t.Errorf("a call of a key with all its streams: %s", got.Status)
	}
	if got := send(t, t.Context(), "DELETE", one.URL, "", "X-Api-Key", "c", "Mcp-Session-Id", sessions["c"]); got.StatusCode != 204 {
		t.Errorf("DELETE at the limit: %s", got.Status)
	}
	for { // the handler of the deleted session's stream ends a moment later
		got, cancel := listen("d")
		if got.StatusCode == 200 {
			break
		}
		cancel()
	}
}

// A session can be deleted while its key has the maximum number of calls: that ends them.
func TestDeleteAtTheLimit(t *testing.T) {
	one := newTask(t, fixture(), func(o *mcphttp.Options) { o.MaxCalls = 1 })
	id := begin(t, one.URL)
	in := []string{"Mcp-Session-Id", id, "Mcp-Protocol-Version", "2025-11-25"}
	stream := send(t, t.Context(), "POST", one.URL, rpc.Call("1", "hang", "{}"), in...)
	if events := eventsOf(t, stream, 1); len(events) != 1 {
		t.Fatalf("the call is not running: %q", events)
	}
	if got := send(t, t.Context(), "POST", one.URL, rpc.Ping, in...); got.StatusCode != http.StatusTooManyRequests {
		t.Errorf("another call: %s, want 429", got.Status)
	}
	if got := send(t, t.Context(), "DELETE", one.URL, "", in...); got.StatusCode != http.StatusNoContent {
		t.Errorf("DELETE: %s, want 204", got.Status)
	}
}

// A body without a length reserves the maximum until it is read.
func TestChunkedBody(t *testing.T) {
	h, _ := newHandler(func(o *mcphttp.Options) { o.MaxBody, o.MaxBytes = 1000, 4000 })
	chunked := func(body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/mcp", io.MultiReader(strings.NewReader(body)))
		rpc.SetHeaders(r.Header)
		if r.ContentLength != -1 {
			t.Fatalf("ContentLength is %d", r.ContentLength)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(buffered{w}, r)
		return w
	}
	for range 10 {
		check(t, chunked(rpc.Ping+strings.Repeat(" ", 1000-len(rpc.Ping))), 200, rpc.Result("1", "{}"))
		check(t, chunked(rpc.Ping+strings.Repeat(" ", 1001-len(rpc.Ping))), 413, rpc.Error("null", "-32600", "the message is larger than 1000 bytes"))
	}
}

// A request without a body reserves nothing.
func TestNoBody(t *testing.T) {
	h, _ := newHandler(func(o *mcphttp.Options) { o.MaxBody, o.MaxBytes = 1000, 1000 }) // a key may have 500
	check(t, post(h, ""), 400, rpc.Error("null", "-32700", "the message is not valid JSON"))
}

// A body that is shorter than its length is rejected.
func TestShortBody(t *testing.T) {
	h, _ := newHandler()
	r := httptest.NewRequest("POST", "/mcp", strings.NewReader(rpc.Ping))
	r.ContentLength = 1000
	rpc.SetHeaders(r.Header)
	w := httptest.NewRecorder()
	h.ServeHTTP(buffered{w}, r)
	check(t, w, 400, rpc.Error("null", "-32700", "the message could not be read"))
}

// Large arguments reach tools and prompts unchanged, without mcp-go's decoding, and
// only those that the key may use.
func TestLargeArguments(t *testing.T) {
	type text struct {
		Text string `json:"text" doc:"any text"`
		N    int64  `json:"n,omitempty" doc:"any number"`
	}
	size := func(_ context.Context, in text) (string, error) { return fmt.Sprint(len(in.Text), " ", in.N), nil }
	raw := func(_ context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText(fmt.Sprint(len(r.GetString("text", "")), " ", r.GetInt("n", 0), " ", len(r.Params.InputResponses))), nil
	}
	s, err := mcpserver.New(mcpserver.Options{Name: "fixture"}, tool.Set{
		Tools: []tool.Tool{
			tool.New(tool.Info{Name: "size", Description: "For tests."}, size),
			tool.Raw(mcp.NewTool("raw", mcp.WithDescription("For tests.")), raw),
		},
		Prompts: []tool.Prompt{tool.NewPrompt(tool.PromptInfo{Name: "size", Description: "For tests.", Needs: "size"},
			func(_ context.Context, in struct {
				Text string `json:"text" doc:"any text"`
			}) (string, error) {
				return fmt.Sprint(len(in.Text)), nil
			})},
	})
	if err != nil {
		t.Fatal(err)
	}
	h, _ := newHandlerWith(s, func(o *mcphttp.Options) {
		o.Authenticate = func(r *http.Request) (apikey.Principal, error) {
			if r.Header.Get("X-Api-Key") == "none" {
				return apikey.Principal{KeyID: "none", Tools: []string{}}, nil
			}
			return apikey.Principal{KeyID: "all"}, nil
		}
	})
	long := `"` + strings.Repeat("x", 1_000_000) + `"`
	arguments := `{"text":` + long + `,"n":9007199254740993}`
	result := func(text string) string {
		return rpc.Result("1", `{"content":[{"type":"text","text":"`+text+`"}]}`)
	}
	prompt := func(name string) string {
		return `{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"` + name + `","arguments":{"text":` + long + `}}}`
	}
	for name, test := range map[string]struct{ key, body, want string }{
		"tool":            {"all", rpc.Call("1", "size", arguments), result("1000000 9007199254740993")},
		"raw tool":        {"all", rpc.Call("1", "raw", arguments), result("1000000 9007199254740992 0")},
		"input responses": {"all", strings.Replace(rpc.Call("1", "raw", arguments), `"name"`, `"inputResponses":{"a":{"action":"accept","content":{"x":`+long+`}}},"name"`, 1), result("1000000 9007199254740992 1")},
		"bad responses":   {"all", strings.Replace(rpc.Call("1", "raw", arguments), `"name"`, `"inputResponses":[`+long+`],"name"`, 1), rpc.Error("1", "-32602", "the params do not match the method")},
		"a list":          {"all", rpc.Call("1", "size", `[`+long+`]`), `{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"the arguments must be…`},
		"prompt":          {"all", prompt("size"), rpc.Result("1", `{"description":"For tests.","messages":[{"role":"user","content":{"type":"text","text":"1000000"}}]}`)},
		"bad prompt":      {"all", strings.Replace(prompt("size"), `"text":`, `"text":5,"more":`, 1), rpc.Error("1", "-32602", "the params do not match the method")},
		"not allowed":     {"none", rpc.Call("1", "size", arguments), rpc.Error("1", "-32602", "no such tool")},
		"unknown":         {"all", rpc.Call("1", "other", arguments), rpc.Error("1", "-32602", "no such tool")},
		"prompt, none":    {"none", prompt("size"), rpc.Error("1", "-32602", "no such prompt")},
		"other method":    {"all", `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":[` + long + `]}}`, rpc.Error("null", "-32600", "the message without the arguments of a tool or prompt is larger than 65536 bytes")},
		"initialize":      {"all", strings.Replace(rpc.Initialize, `"capabilities":{}`, `"capabilities":{"experimental":{"x":{"y":`+long+`}}}`, 1), rpc.Error("null", "-32600", "the message without the arguments of a tool or prompt is larger than 65536 bytes")},
	} {
		check(t, post(h, test.body, "X-Api-Key", test.key), map[bool]int{true: 413, false: 200}[strings.Contains(test.want, "larger than")], test.want)
		if t.Failed() {
			t.Fatal(name)
		}
	}
}
