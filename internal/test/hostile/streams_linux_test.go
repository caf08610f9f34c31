package hostile

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"serverless-mcp/internal/hosting/httpserver"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/mcp/mcpsession"
	"serverless-mcp/internal/test/rpc"
	"serverless-mcp/internal/tool"
)

// TestEventIDs sends a Last-Event-ID that the server never sent in this session. The client
// gets 404 immediately, which makes it start a new session, and no event of another session.
func TestEventIDs(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a server")
	}
	c := startContainer(t, cgroup{})
	begin := func(key string) string {
		status, _, header := do(t.Context(), "POST", c.url, strings.NewReader(rpc.Initialize), "X-Api-Key", key)
		if status != http.StatusOK || header.Get("Mcp-Session-Id") == "" {
			t.Fatalf("initialize: %d %v", status, header)
		}
		return header.Get("Mcp-Session-Id")
	}
	mine, foreign := begin(goodKey), begin(hostileKey)
	for name, test := range map[string]struct{ session, id string }{
		"a stream that does not exist": {mine, "7-0"},
		"an event that does not exist": {mine, "1-1"},
		"a negative event":             {mine, "1--1"},
		"a negative stream":            {mine, "-1-0"},
		"signs":                        {mine, "+1-+0"},
		"zeros":                        {mine, "01-00"},
		"a large number":               {mine, "1-99999999999999999999"},
		"a large stream":               {mine, "99999999999999999999-0"},
		"hexadecimal":                  {mine, "0x1-0x0"},
		"a fraction":                   {mine, "1.0-0"},
		"three parts":                  {mine, "1-0-0"},
		"no event":                     {mine, "1-"},
		"no stream":                    {mine, "-0"},
		"a dash":                       {mine, "-"},
		"a word":                       {mine, marker},
		"long":                         {mine, strings.Repeat(marker, 2000)},
		"long, digits":                 {mine, "1-" + strings.Repeat("0", 8000)},
		"JSON":                         {mine, `{"id":"1-0"}`},
		"not ASCII":                    {mine, "1-0\u00a0"},
		"a session's id":               {mine, mine},
		"another key's session":        {foreign, "1-0"},
		"no session's id":              {marker, "1-0"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			status, text, _ := do(ctx, "GET", c.url, nil, "X-Api-Key", goodKey, "Mcp-Session-Id", test.session, "Mcp-Protocol-Version", "2025-11-25", "Last-Event-ID", test.id)
			if status != http.StatusNotFound || !json.Valid([]byte(text)) || strings.Contains(text, marker) {
				t.Errorf("%d %.300s, want 404", status, text)
			}
		})
	}
	if status, text, _ := do(t.Context(), "POST", c.url, strings.NewReader(rpc.Ping), "X-Api-Key", goodKey, "Mcp-Session-Id", mine); status != http.StatusOK {
		t.Errorf("the session afterwards: %d %s", status, text)
	}
}

// TestSlowStreamReaders: a client that does not read its stream occupies part of the key's
// budget for 30 seconds, the timeout of a write. Without a session, the tool call ends then
// too.
func TestSlowStreamReaders(t *testing.T) {
	for name, test := range map[string]struct{ method, body string }{
		"call": {"POST", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"report","_meta":{"progressToken":"t"}}}`},
		"GET":  {"GET", ""},
	} {
		t.Run(name, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { slowReader(t, test.method, test.body) }) })
	}
}

func slowReader(t *testing.T, method, body string) {
	var running atomic.Bool
	s, err := mcpserver.New(mcpserver.Options{Name: "fixture"}, tool.Set{Tools: []tool.Tool{
		tool.New(tool.Info{Name: "report", Description: "For tests."}, func(ctx context.Context, _ struct{}) (string, error) {
			for running.Store(true); ctx.Err() == nil; {
				tool.Progress(ctx, 1, 0, "")
			}
			running.Store(false)
			return "done", nil
		}),
	}})
	if err != nil {
		t.Fatal(err)
	}
	store, err := mcpsession.New(mcpsession.Options{Secret: "0123456789abcdef"})
	if err != nil {
		t.Fatal(err)
	}
	l := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	ctx, shutdown := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() {
		stopped <- httpserver.Serve(ctx, l, httpserver.Options{Drain: -1, Handler: mcphttp.New(s, mcphttp.Options{
			Streaming: true, Sessions: store, MaxKeyCalls: 1, MaxStreams: 2, // so one stream a key
			Authenticate: func(*http.Request) (apikey.Principal, error) { return apikey.Principal{KeyID: "a"}, nil },
		})})
	}()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) { return l.dial() }}}
	send := func(method, body string, headers ...string) *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://server/mcp", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		rpc.SetHeaders(r.Header, headers...)
		response, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		return response
	}
	var headers []string
	var session string
	if method == "GET" {
		response := send("POST", rpc.Initialize)
		session = response.Header.Get("Mcp-Session-Id")
		response.Body.Close()
		headers = []string{"Mcp-Session-Id", session, "Mcp-Protocol-Version", "2025-11-25"}
	}
	conn, err := l.dial()
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest(method, "http://server/mcp", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	rpc.SetHeaders(r.Header, headers...)
	if err := r.Write(conn); err != nil {
		t.Fatal(err)
	}
	for after, want := range []int{http.StatusTooManyRequests, http.StatusOK} {
		time.Sleep(29 * time.Second * time.Duration(1+after)) // 29 s is before the timeout, 87 s after it
		synctest.Wait()
		if method == "POST" && running.Load() == (after == 1) {
			t.Errorf("the tool is running %v", running.Load())
		}
		other := rpc.Ping
		if method == "GET" {
			other = ""
		}
		response := send(method, other, headers...)
		if response.StatusCode != want {
			t.Errorf("another request: %s, want %d", response.Status, want)
		}
		response.Body.Close()
	}
	conn.Close()
	if session != "" {
		send("DELETE", "", headers...).Body.Close()
	}
	shutdown()
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

// pipes is a listener of pipes, which work in a synctest bubble, unlike sockets.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipes) dial() (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Accept implements [net.Listener].
func (l *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, io.EOF
	}
}

// Close implements [net.Listener].
func (l *pipes) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr implements [net.Listener].
func (*pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }
