package httpserver_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"

	"serverless-mcp/internal/hosting/httpserver"
)

// inBubble runs a test in a synctest bubble, in which waiting takes no real time.
func inBubble(t *testing.T, f func(*testing.T)) { synctest.Test(t, f) }

// listener accepts the other ends of pipes, which work in a bubble, unlike sockets.
type listener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
	fails  error // of Close
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.fails
}

func (*listener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

// running is a server in a bubble.
type running struct {
	listener *listener
	shutdown context.CancelFunc
	stopped  chan error // gets the result of Serve
}

// start runs a server, without a drain time unless change sets one.
func start(t *testing.T, h http.HandlerFunc, change ...func(*httpserver.Options)) *running {
	t.Helper()
	l := &listener{conns: make(chan net.Conn), closed: make(chan struct{})}
	o := httpserver.Options{Handler: h, Drain: -1}
	for _, f := range change {
		f(&o)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := &running{l, cancel, make(chan error, 1)}
	go func() { s.stopped <- httpserver.Serve(ctx, l, o) }()
	t.Cleanup(cancel)
	return s
}

// dial connects to the server; it fails once the listener is closed.
func (s *running) dial() (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case s.listener.conns <- server:
		return client, nil
	case <-s.listener.closed:
		return nil, net.ErrClosed
	}
}

// send opens a connection and writes text, in the background: a pipe's write waits
// for its reader.
func (s *running) send(t *testing.T, text string) net.Conn {
	t.Helper()
	conn, err := s.dial()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() { _, _ = io.WriteString(conn, text) }()
	return conn
}

// do sends a request on a new connection.
func (s *running) do(t *testing.T, method, path string) (status int, body string, header http.Header) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return s.dial() },
	}}
	r, err := http.NewRequestWithContext(t.Context(), method, "http://server"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(data), resp.Header
}

func ignore(http.ResponseWriter, *http.Request) {}

// logTo returns a change of the options that makes the server log to w.
func logTo(w io.Writer) func(*httpserver.Options) {
	return func(o *httpserver.Options) { o.Log = slog.New(slog.NewTextHandler(w, nil)) }
}
