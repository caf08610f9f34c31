package mcphttp_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/test/rpc"
)

// The client of a tool that hangs gets an error with its request's id before Lambda
// ends the function, in both eras.
func TestDeadline(t *testing.T) {
	modernBody, modernHeaders := rpc.ModernCall(`"m"`, "hang", "{}")
	for name, test := range map[string]struct {
		body    string
		headers []string
		id      string
	}{
		"2025": {rpc.Call("5", "hang", "{}"), nil, "5"},
		"2026": {modernBody, modernHeaders, `"m"`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h, log := newHandler(func(o *mcphttp.Options) { o.Margin = 2 * time.Second })
				ctx, cancel := context.WithTimeout(t.Context(), 29*time.Second)
				defer cancel()
				start := time.Now()
				w := post(withContext(h, ctx), test.body, test.headers...)
				check(t, w, 504, rpc.Error(test.id, "-32603", "the call did not finish in time"))
				if took := time.Since(start); took != 27*time.Second {
					t.Errorf("answered after %s, want 27s", took)
				}
				if !strings.Contains(log.String(), "status=504") {
					t.Errorf("logged %q", log)
				}
			})
		})
	}
}

// A tool that ignores its context cannot delay the response.
func TestDeadlineOfStubbornTool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, _ := newHandler()
		ctx, cancel := context.WithTimeout(t.Context(), 29*time.Second)
		defer cancel()
		check(t, post(withContext(h, ctx), rpc.Call("5", "sleep", "{}")), 504, rpc.Error("5", "-32603", "the call did not finish in time"))
		time.Sleep(time.Hour) // in the bubble's time, so that the tool ends
	})
}

func withContext(h http.Handler, ctx context.Context) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r.WithContext(ctx)) })
}

// A client that disconnects cancels its call (2026-07-28, Transports, Cancellation).
func TestClientDisconnects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, log := newHandler()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		post(withContext(h, ctx), rpc.Call("5", "hang", "{}"))
		synctest.Wait()
		if !strings.Contains(log.String(), "the client disconnected") {
			t.Errorf("logged %q", log)
		}
	})
}

// A panic is logged with its stack; the caller gets no details.
func TestPanic(t *testing.T) {
	h, log := newHandler()
	check(t, post(h, rpc.Call("5", "panic", "{}")), 500, rpc.Error("5", "-32603", "internal error"))
	if !strings.Contains(log.String(), "hunter2") || !strings.Contains(log.String(), "fixture_test.go") {
		t.Errorf("the log has no panic with its stack: %s", log)
	}
	check(t, post(h, rpc.Ping), 200, `{"jsonrpc":"2.0","id":1,"result":{}}`)
}

// Without sessions, a tool that sends a request to the client gets an error at once,
// not at its deadline.
func TestElicitationFailsAtOnce(t *testing.T) {
	h, _ := newHandler(func(o *mcphttp.Options) { o.Streaming = true })
	want := `{"jsonrpc":"2.0","id":5,"result":{"content":[{"type":"text","text":"cannot ask: session does not support elicitation"}],"isError":true}}`
	check(t, post(h, rpc.Call("5", "ask", "{}")), 200, want)
	w := httptest.NewRecorder() // one that can stream
	r := httptest.NewRequest("POST", "/mcp", strings.NewReader(rpc.Call("5", "ask", "{}")))
	rpc.SetHeaders(r.Header)
	h.ServeHTTP(w, r)
	check(t, w, 200, want)
}

// A response over the limit becomes an error that a model can act on.
func TestMaxResponse(t *testing.T) {
	h, log := newHandler(func(o *mcphttp.Options) { o.MaxResponse = 1000 })
	check(t, post(h, rpc.Call("5", "large", `{"bytes":900}`)), 200, `{"jsonrpc":"2.0","id":5,"result":{"content":[{"type":"text","text":"xxx…`)
	check(t, post(h, rpc.Call(`"a"`, "large", `{"bytes":5000}`)), 200,
		`{"jsonrpc":"2.0","id":"a","result":{"content":[{"type":"text","text":"the response is too large: 5076 bytes, the limit is 1000; request less"}],"isError":true}}`)
	check(t, post(h, `{"jsonrpc":"2.0","id":5,"method":"prompts/get","params":{"name":"large"}}`), 200,
		`{"jsonrpc":"2.0","id":5,"error":{"code":-32603,"message":"the response is too large: 10…`)
	body, headers := rpc.ModernCall("5", "large", `{"bytes":5000}`)
	check(t, post(h, body, headers...), 200,
		`{"jsonrpc":"2.0","id":5,"result":{"content":[{"type":"text","text":"the response is too large: 5178 bytes, the limit is 1000; request less"}],"isError":true,"resultType":"complete"}}`)
	if got := strings.Count(log.String(), "the response is too large"); got != 3 {
		t.Errorf("logged %d times: %s", got, log)
	}
}

func TestMaxResponseDefault(t *testing.T) {
	for name, test := range map[string]struct {
		limit int64
		fits  bool
	}{"default": {0, false}, "none": {-1, true}} {
		t.Run(name, func(t *testing.T) {
			h, _ := newHandler(func(o *mcphttp.Options) { o.MaxResponse = test.limit })
			w := post(h, rpc.Call("5", "large", `{"bytes":4500000}`))
			if got := w.Body.Len() > 4_500_000; got != test.fits {
				t.Errorf("response of %d bytes", w.Body.Len())
			}
		})
	}
}

// A tool gets the principal and no headers, so no credentials.
func TestPrincipalWithoutCredentials(t *testing.T) {
	h, _ := newHandler()
	w := post(h, rpc.Call("5", "whoami", "{}"), "Authorization", "Bearer hunter2", "Cookie", "hunter2", "Mcp-Name", "whoami")
	check(t, w, 200, `{"jsonrpc":"2.0","id":5,"result":{"content":[{"type":"text","text":"{\"header\":{},\"keyId\":\"ci\",\"ok\":true}"}]}}`)
}

// A stateless client cannot cancel another's call by its id, which is often 1.
func TestCancelAffectsNoOtherClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, _ := newHandler()
		ctx, cancel := context.WithTimeout(t.Context(), 29*time.Second)
		defer cancel()
		responses := make(chan *httptest.ResponseRecorder)
		go func() { responses <- post(withContext(h, ctx), rpc.Call("1", "hang", "{}")) }()
		synctest.Wait()
		check(t, post(h, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`), 202, "")
		check(t, <-responses, 504, rpc.Error("1", "-32603", "the call did not finish in time"))
	})
}

// A stateless server ignores session ids and stores no log level, which the next
// client would get.
func TestSessionHeaderIsIgnored(t *testing.T) {
	h, _ := newHandler()
	w := post(h, rpc.Ping, "Mcp-Session-Id", "abc")
	check(t, w, 200, `{"jsonrpc":"2.0","id":1,"result":{}}`)
	if got := w.Header().Get("Mcp-Session-Id"); got != "" {
		t.Errorf("a session %q was made", got)
	}
	check(t, post(h, `{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"debug"}}`), 200, `{"jsonrpc":"2.0","id":1,"result":{}}`)
}

// A request whose method is that of a notification is a request, which gets an error.
func TestCancelledAsARequest(t *testing.T) {
	h, _ := newHandler()
	check(t, post(h, `{"jsonrpc":"2.0","id":1,"method":"notifications/cancelled","params":{"requestId":7}}`), 200, rpc.Error("1", "-32601", "method not found"))
}

// A message with a Content-Encoding is rejected unread: decompressed, it could have any
// size.
func TestContentEncoding(t *testing.T) {
	h, _ := newHandler()
	for encoding, status := range map[string]int{"gzip": 415, "br": 415, "identity, gzip": 415, "Identity": 200, "x-unknown": 415} {
		if w := post(h, rpc.Ping, "Content-Encoding", encoding); w.Code != status || strings.Contains(w.Body.String(), encoding) {
			t.Errorf("%s: %d %s, want %d", encoding, w.Code, w.Body, status)
		}
	}
}

// The errors of mcp-go name the fault without quoting the client's text.
func TestErrorsOfTheLibrary(t *testing.T) {
	h, _ := newHandlerWith(served(t))
	call, headers := rpc.ModernCall("1", "echo", "{}")
	for name, test := range map[string]struct {
		body    string
		headers []string
		want    string
	}{
		"another method": {call, slices.Concat(headers, []string{"Mcp-Method", "tools/list"}), `{"jsonrpc":"2.0","id":1,"error":{"code":-32020,"message":"header mismatch: Mcp-Method does not match the body"…`},
		"another name":   {call, slices.Concat(headers, []string{"Mcp-Name", "s3cret"}), `{"jsonrpc":"2.0","id":1,"error":{"code":-32020,"message":"header mismatch: Mcp-Name does not match the body"…`},
		"no resources":   {`{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"s3cret"}}`, nil, rpc.Error("1", "-32601", "resources not supported")},
		"no such method": {`{"jsonrpc":"2.0","id":1,"method":"s3cret"}`, nil, rpc.Error("1", "-32601", "method not found")},
	} {
		w := post(h, test.body, test.headers...)
		got, want := strings.TrimSuffix(w.Body.String(), "\n"), test.want
		if start, open := strings.CutSuffix(want, "…"); open && strings.HasPrefix(got, start) {
			want = got
		}
		if got != want || strings.Contains(got, "s3cret") {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}
