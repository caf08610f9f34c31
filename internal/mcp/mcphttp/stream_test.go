package mcphttp_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/test/rpc"
	"serverless-mcp/internal/tool"
)

func streaming(o *mcphttp.Options) { o.Streaming = true }

// Everything that a tool reports arrives, in order, before its result. mcp-go's own
// forwarder loses the last event of most calls, because it receives the event from its
// channel after the result was sent.
func TestNoProgressLost(t *testing.T) {
	h, _ := newHandler(streaming)
	server := httptest.NewServer(h)
	defer server.Close()
	for run := range 400 {
		to := 1 + run%7
		got := strings.Join(stream(t, server.URL, rpc.Call("1", "count", fmt.Sprintf(`{"to":%d}`, to))), "\n")
		var want []string
		for i := range to {
			want = append(want, fmt.Sprintf(`{"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":%d,"progressToken":"t"}}`, i))
		}
		want = append(want, `{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"done"}]}}`)
		if got != strings.Join(want, "\n") {
			t.Fatalf("run %d: got\n%s\nwant\n%s", run, got, strings.Join(want, "\n"))
		}
	}
}

// reporter is a server with a tool that reports its progress as fast as it can,
// until reports returns false.
func reporter(t *testing.T, reports func(ctx context.Context, done int) bool) *server.MCPServer {
	t.Helper()
	s, err := mcpserver.New(mcpserver.Options{Name: "fixture"}, tool.Set{Tools: []tool.Tool{
		tool.New(tool.Info{Name: "report", Description: "For tests."}, func(ctx context.Context, _ struct{}) (string, error) {
			for i := 0; reports(ctx, i); i++ {
				tool.Progress(ctx, float64(i), 0, "")
			}
			return "done", nil
		})}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const report = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"report","_meta":{"progressToken":"t"}}}`

// A tool that reports faster than the network waits; no report is lost.
func TestFastReportsAllArrive(t *testing.T) {
	const many = 2000
	h, _ := newHandlerWith(reporter(t, func(_ context.Context, done int) bool { return done < many }), streaming)
	server := httptest.NewServer(h)
	defer server.Close()
	got := stream(t, server.URL, report)
	if len(got) != many+1 {
		t.Fatalf("%d events, want %d and the result", len(got), many)
	}
	for i, event := range got[:many] {
		if want := fmt.Sprintf(`"progress":%d,`, i); !strings.Contains(event, want) {
			t.Fatalf("event %d is %s, want %s", i, event, want)
		}
	}
}

// stuck is a client that reads nothing: writes block until read is closed.
type stuck struct {
	*httptest.ResponseRecorder
	read <-chan struct{}
}

func (s stuck) Write(p []byte) (int, error) {
	<-s.read
	return s.ResponseRecorder.Write(p)
}

// A tool that waits for the client to read ends with its call.
func TestReportEndsWithItsCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := false
		h, _ := newHandlerWith(reporter(t, func(ctx context.Context, _ int) bool {
			ended = ctx.Err() != nil
			return !ended
		}), streaming)
		ctx, disconnect := context.WithCancel(t.Context())
		r := httptest.NewRequest("POST", "/mcp", strings.NewReader(report)).WithContext(ctx)
		rpc.SetHeaders(r.Header)
		read := make(chan struct{})
		go h.ServeHTTP(stuck{httptest.NewRecorder(), read}, r)
		synctest.Wait()
		disconnect()
		synctest.Wait()
		if !ended {
			t.Error("the tool waits although the client disconnected")
		}
		close(read)
	})
}

// stream posts a message and returns the events of the response.
func stream(t *testing.T, url, body string, headers ...string) []string {
	t.Helper()
	r, err := http.NewRequest("POST", url+"/mcp", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	rpc.SetHeaders(r.Header, headers...)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	for name, want := range map[string]string{"Content-Type": "text/event-stream", "Cache-Control": "no-cache", "X-Accel-Buffering": "no"} {
		if got := response.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	var events []string
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			events = append(events, data)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return events
}

// Each event is sent at once: the client has the first before the tool sends the
// second.
func TestEventsAreFlushed(t *testing.T) {
	step := make(chan struct{})
	h, _ := newHandlerWith(stepper(step), streaming)
	server := httptest.NewServer(h)
	defer server.Close()
	r, _ := http.NewRequest("POST", server.URL+"/mcp", strings.NewReader(rpc.Call("1", "step", "{}")))
	rpc.SetHeaders(r.Header)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	events := bufio.NewReader(response.Body)
	for range 3 {
		if line, err := events.ReadString('\n'); line != "event: message\n" {
			t.Fatalf("got %q, %v", line, err)
		}
		_, _ = events.ReadString('\n')
		_, _ = events.ReadString('\n')
		step <- struct{}{}
	}
	rest, _ := io.ReadAll(events)
	if !strings.Contains(string(rest), `"result"`) || !strings.HasSuffix(string(rest), "}\n\n") {
		t.Errorf("the stream ended with %q", rest)
	}
}

// The response is JSON if the tool reports nothing, the client does not accept
// streams, the writer cannot flush, or streaming is off.
func TestResponseStaysJSON(t *testing.T) {
	for name, test := range map[string]struct {
		streaming bool
		tool      string
		headers   []string
	}{
		"nothing reported":   {true, "echo", nil},
		"off":                {false, "count", nil},
		"no stream accepted": {true, "count", []string{"Accept", "application/json"}},
		"no Accept header":   {true, "count", []string{"Accept", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			h, _ := newHandler(func(o *mcphttp.Options) { o.Streaming = test.streaming })
			r := httptest.NewRequest("POST", "/mcp", strings.NewReader(rpc.Call("1", test.tool, `{"to":3}`)))
			rpc.SetHeaders(r.Header, test.headers...)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			check(t, w, 200, `{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text",…`)
			if got := w.Header().Get("Content-Type"); got != "application/json" {
				t.Errorf("Content-Type is %q", got)
			}
		})
	}
	h, _ := newHandler(streaming)
	check(t, post(h, rpc.Call("1", "count", `{"to":3}`)), 200, `{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"done"}]}}`)
}

// In a buffered response, reports are dropped: they neither delay a tool nor fail it.
func TestManyReportsBuffered(t *testing.T) {
	h, _ := newHandler()
	check(t, post(h, rpc.Call("1", "count", `{"to":1000}`)), 200, `{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"done"}]}}`)
}

// Comments keep a silent stream alive. At the deadline it ends with a JSON-RPC error,
// since its status is already sent.
func TestKeepAliveAndDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, _ := newHandler(streaming)
		ctx, cancel := context.WithTimeout(t.Context(), 41*time.Second)
		defer cancel()
		r := httptest.NewRequest("POST", "/mcp", strings.NewReader(rpc.Call("1", "hang", "{}"))).WithContext(ctx)
		rpc.SetHeaders(r.Header)
		w := httptest.NewRecorder()
		flushes := 0
		h.ServeHTTP(struct {
			onceStarted
			http.Flusher
		}{onceStarted{t, w}, flusher(func() { flushes++; w.Flush() })}, r)
		want := ": still working\n\n: still working\n\nevent: message\ndata: " + rpc.Error("1", "-32603", "the call did not finish in time") + "\n\n"
		if w.Code != 200 || w.Body.String() != want || flushes != 3 {
			t.Errorf("got %d %q in %d parts\nwant 200 %q", w.Code, w.Body, flushes, want)
		}
	})
}

// flusher is a function for http.Flusher.
type flusher func()

func (f flusher) Flush() { f() }

// onceStarted is a client that gets the status once, as net/http requires.
type onceStarted struct {
	t *testing.T
	*httptest.ResponseRecorder
}

func (w onceStarted) WriteHeader(status int) {
	if w.Flushed {
		w.t.Errorf("the status %d is sent after the stream has started", status)
	}
	w.ResponseRecorder.WriteHeader(status)
}

// subscriptions/listen is confirmed, kept alive, and ends five seconds before the
// timeout without an error: the client subscribes again.
func TestSubscription(t *testing.T) {
	const meta = `"_meta":{"io.modelcontextprotocol/subscriptionId":7}`
	const acknowledged = "event: message\n" + `data: {"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{` + meta + `,"notifications":{`
	const end = "event: message\n" + `data: {"jsonrpc":"2.0","id":7,"result":{` + meta + `,"resultType":"complete"}}` + "\n\n"
	const info = `"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"fixture","version":"1"},`
	for name, test := range map[string]struct {
		changes bool
		took    time.Duration
		want    string
	}{
		"something may change": {true, 55 * time.Second, acknowledged + `"toolsListChanged":true}}}` + "\n\n" + strings.Repeat(": still working\n\n", 3) + end},
		"nothing ever changes": {false, 0, acknowledged + `}}}` + "\n\n" + strings.Replace(end, `"_meta":{`, info, 1)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := server.NewMCPServer("fixture", "1", server.WithToolCapabilities(test.changes))
				h, _ := newHandlerWith(s, streaming)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				body, headers := rpc.Modern("7", "subscriptions/listen", `"notifications":{"toolsListChanged":true}`)
				r := httptest.NewRequest("POST", "/mcp", strings.NewReader(body)).WithContext(ctx)
				rpc.SetHeaders(r.Header, headers...)
				w, began := httptest.NewRecorder(), time.Now()
				h.ServeHTTP(w, r)
				if took := time.Since(began); took != test.took {
					t.Errorf("it took %v, want %v", took, test.took)
				}
				if got := w.Body.String(); w.Code != 200 || got != test.want {
					t.Errorf("got %d %s\nwant 200 %s", w.Code, got, test.want)
				}
			})
		})
	}
}
