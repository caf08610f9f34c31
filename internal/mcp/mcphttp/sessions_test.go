package mcphttp_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/mcp/mcpsession"
	"serverless-mcp/internal/test/rpc"
)

// task is a server with sessions.
type task struct {
	*httptest.Server
	store *mcpsession.Store
}

func newTask(t *testing.T, s *server.MCPServer, change ...func(*mcphttp.Options)) task {
	t.Helper()
	out := task{Server: httptest.NewUnstartedServer(nil)}
	var err error
	out.store, err = mcpsession.New(mcpsession.Options{Secret: "0123456789abcdef", Self: out.Listener.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	out.Config.Handler, _ = newHandlerWith(s, append([]func(*mcphttp.Options){streaming, byName, func(o *mcphttp.Options) { o.Sessions = out.store }}, change...)...)
	out.Start()
	t.Cleanup(out.Close)
	return out
}

// send sends a request and returns the response, whose body the caller reads.
func send(t *testing.T, ctx context.Context, method, url, body string, headers ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, url+"/mcp", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	rpc.SetHeaders(r.Header, headers...)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	return response
}

// begin starts a session and returns its id.
func begin(t *testing.T, url string) string {
	t.Helper()
	response := send(t, t.Context(), "POST", url, rpc.Initialize)
	id := response.Header.Get("Mcp-Session-Id")
	if response.StatusCode != http.StatusOK || id == "" {
		t.Fatalf("initialize: %s, session %q", response.Status, id)
	}
	return id
}

// eventsOf reads up to n events of a stream and returns each as "id data".
func eventsOf(t *testing.T, response *http.Response, n int) []string {
	t.Helper()
	var all []string
	var id string
	for lines := bufio.NewScanner(response.Body); len(all) < n && lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
			id = value
		}
		if value, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			all = append(all, strings.TrimSpace(id+" "+value))
		}
	}
	return all
}

func TestSessionLookup(t *testing.T) {
	one := newTask(t, fixture())
	id := begin(t, one.URL)
	bare, headers := rpc.ModernCall("1", "echo", `{}`)
	echo := rpc.Call("1", "echo", `{}`)
	for name, c := range map[string]struct {
		method, body string
		headers      []string
		status       int
	}{
		"with":                   {"POST", echo, []string{"Mcp-Session-Id", id}, 200},
		"without":                {"POST", echo, nil, 200},
		"unknown":                {"POST", echo, []string{"Mcp-Session-Id", "x"}, 404},
		"another key's":          {"POST", echo, []string{"Mcp-Session-Id", id, "X-Api-Key", "other"}, 404},
		"the newer era, unknown": {"POST", bare, append(headers, "Mcp-Session-Id", "x"), 200},
		"GET without":            {"GET", "", nil, 405},
		"GET unknown":            {"GET", "", []string{"Mcp-Session-Id", "x"}, 404},
		"GET of JSON":            {"GET", "", []string{"Mcp-Session-Id", id, "Accept", "application/json"}, 406},
		"GET of dropped events":  {"GET", "", []string{"Mcp-Session-Id", id, "Last-Event-ID", "77-1"}, 404},
		"PUT":                    {"PUT", "", []string{"Mcp-Session-Id", id}, 405},
		"DELETE without":         {"DELETE", "", nil, 405},
		"foreign origin":         {"GET", "", []string{"Mcp-Session-Id", id, "Origin", "https://evil.example"}, 403},
	} {
		if got := send(t, t.Context(), c.method, one.URL, c.body, c.headers...); got.StatusCode != c.status {
			t.Errorf("%s: %s, want %d", name, got.Status, c.status)
		}
	}
	for i, want := range []int{204, 404} {
		if got := send(t, t.Context(), "DELETE", one.URL, "", "Mcp-Session-Id", id); got.StatusCode != want {
			t.Errorf("DELETE %d: %s, want %d", i, got.Status, want)
		}
	}
	// Only a successful initialize starts a session, and not in the newer era.
	body, more := rpc.Modern("1", "server/discover", "")
	for _, got := range []*http.Response{
		send(t, t.Context(), "POST", one.URL, echo),
		send(t, t.Context(), "POST", one.URL, body, more...),
		send(t, t.Context(), "POST", one.URL, `{"jsonrpc":"2.0","id":0,"method":"initialize","params":7}`),
	} {
		if id := got.Header.Get("Mcp-Session-Id"); id != "" {
			t.Errorf("%s started a session", got.Status)
		}
	}
}

// A task that forwards a request logs nothing if the client disconnects: the session exists,
// and the task that has it logs the request.
func TestForwardedClientDisconnects(t *testing.T) {
	one := newTask(t, fixture())
	store, err := mcpsession.New(mcpsession.Options{Secret: "0123456789abcdef", Self: "192.0.2.1:80"})
	if err != nil {
		t.Fatal(err)
	}
	h, log := newHandlerWith(fixture(), streaming, byName, func(o *mcphttp.Options) { o.Sessions = store })
	ctx, disconnect := context.WithCancel(t.Context())
	disconnect()
	r := httptest.NewRequestWithContext(ctx, "POST", "/mcp", strings.NewReader(rpc.Ping))
	rpc.SetHeaders(r.Header, "Mcp-Session-Id", begin(t, one.URL))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if log.Len() > 0 || w.Body.Len() > 0 {
		t.Errorf("logged %s, and responded %s; want neither", log, w.Body)
	}
}

// balancer sends requests to tasks in turn, without stickiness.
func balancer(t *testing.T, tasks ...task) *httptest.Server {
	var n atomic.Int64
	proxy := &httputil.ReverseProxy{FlushInterval: -1, Rewrite: func(p *httputil.ProxyRequest) {
		target, err := url.Parse(tasks[n.Add(1)%int64(len(tasks))].URL)
		if err != nil {
			t.Error(err)
			return
		}
		p.SetURL(target)
	}}
	b := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body) // see forward
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(b.Close)
	return b
}

// connect starts a session with mcp-go's client, which counts notifications.
func connect(t *testing.T, url string) (*client.Client, *atomic.Int64) {
	t.Helper()
	c, err := client.NewStreamableHttpClient(url+"/mcp", transport.WithHTTPHeaders(map[string]string{"X-Api-Key": "good"}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	var received atomic.Int64
	c.OnNotification(func(mcp.JSONRPCNotification) { received.Add(1) })
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	request := mcp.InitializeRequest{}
	request.Params.ProtocolVersion = "2025-11-25"
	request.Params.ClientInfo = mcp.Implementation{Name: "t", Version: "1"}
	if _, err := c.Initialize(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	return c, &received
}

func count(ctx context.Context, c *client.Client, to int) error {
	request := mcp.CallToolRequest{}
	request.Params.Name, request.Params.Arguments = "count", map[string]any{"to": to}
	_, err := c.CallTool(ctx, request)
	return err
}

// A client whose requests reach two tasks in turn keeps its session.
func TestSessionAcrossTasks(t *testing.T) {
	one, two := newTask(t, fixture()), newTask(t, fixture())
	b := balancer(t, one, two)
	c, received := connect(t, b.URL)
	for i := range 100 {
		if err := count(t.Context(), c, 3); err != nil {
			t.Fatalf("call %d: %v", i, err)
		}
	}
	// The client passes notifications on before it returns from the call.
	if n := received.Load(); n != 300 {
		t.Errorf("%d notifications, want 300", n)
	}
}

// After a session's task has ended, another task responds with 404, so that the
// client starts a new session; nothing hangs.
func TestSessionOfEndedTask(t *testing.T) {
	one, two := newTask(t, fixture()), newTask(t, fixture())
	c, _ := connect(t, one.URL)
	id := c.GetSessionId()
	one.CloseClientConnections()
	one.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	got := send(t, ctx, "POST", two.URL, rpc.Call("1", "echo", `{}`), "Mcp-Session-Id", id)
	if got.StatusCode != http.StatusNotFound {
		t.Errorf("a call in a lost session: %s, want 404", got.Status)
	}
	again, _ := connect(t, two.URL)
	if err := count(ctx, again, 1); err != nil || again.GetSessionId() == id {
		t.Errorf("in a new session: %v", err)
	}
	// mcp-go's client still calls the ended task.
	if err := count(ctx, c, 1); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a call to the ended task: %v, want an error other than the deadline", err)
	}
}

func TestPreflightWithSessions(t *testing.T) {
	store, err := mcpsession.New(mcpsession.Options{Secret: fmt.Sprintf("%016d", 1)})
	if err != nil {
		t.Fatal(err)
	}
	h, _ := newHandler(func(o *mcphttp.Options) { o.CORS, o.Sessions = &mcphttp.CORS{}, store })
	w := do(h, "OPTIONS", "/mcp", "", "Origin", "https://app.example", "Access-Control-Request-Method", "GET")
	header := w.Header()
	if header.Get("Access-Control-Allow-Methods") != "POST, GET, DELETE" || !strings.Contains(header.Get("Access-Control-Allow-Headers"), "Last-Event-ID") || header.Get("Access-Control-Expose-Headers") != "Mcp-Session-Id" {
		t.Errorf("headers %v", header)
	}
}

// Every session gets a notification to all clients.
func TestNotificationToAllSessions(t *testing.T) {
	s := fixture()
	one := newTask(t, s)
	var streams []*http.Response
	for range 2 {
		streams = append(streams, send(t, t.Context(), "GET", one.URL, "", "Mcp-Session-Id", begin(t, one.URL), "Mcp-Protocol-Version", "2025-06-18"))
	}
	s.SendNotificationToAllClients("notifications/tools/list_changed", nil)
	for i, stream := range streams {
		if got := eventsOf(t, stream, 1); len(got) != 1 || !strings.HasSuffix(got[0], changed) {
			t.Errorf("session %d got %q", i, got)
		}
	}
}

// The headers of a GET stream are sent before its first event, also after a resume.
func TestHeadersOfListening(t *testing.T) {
	s := fixture()
	one := newTask(t, s)
	in := []string{"Mcp-Session-Id", begin(t, one.URL), "Mcp-Protocol-Version", "2025-06-18"}
	for _, last := range []string{"", "2-0"} { // the second resumes the first
		name := "after " + last
		got := send(t, t.Context(), "GET", one.URL, "", append(in, "Last-Event-ID", last)...)
		for header, want := range map[string]string{"Content-Type": "text/event-stream", "Cache-Control": "no-cache", "X-Accel-Buffering": "no"} {
			if got.StatusCode != http.StatusOK || got.Header.Get(header) != want {
				t.Errorf("%s: %s, %s %q, want %q", name, got.Status, header, got.Header.Get(header), want)
			}
		}
	}
}

// Without a session, a message with a method and a result is not treated as a response,
// which would have to be delivered to a session.
func TestStatelessRequestWithResult(t *testing.T) {
	h, _ := newHandler()
	check(t, post(h, `{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}`), 202, "")
	check(t, post(h, `{"jsonrpc":"2.0","method":"notifications/x","result":{}}`), 202, "")
}
