package httpserver

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// limited is a server with limits on connections and requests. It handles a request for
// /block until it receives a value from finish.
type limited struct {
	*httptest.Server
	t       *testing.T
	limit   *connections
	state   chan http.ConnState
	running chan struct{} // receives a value for each blocked request
	finish  chan struct{} // each value ends a blocked request
}

func newLimited(t *testing.T, connected, requests int) *limited {
	s := &limited{t: t, limit: &connections{max: connected, maxRequests: requests}, state: make(chan http.ConnState, 1000), running: make(chan struct{}), finish: make(chan struct{})}
	o := Options{Call: -1, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/block" {
			s.running <- struct{}{}
			<-s.finish
		}
		_, _ = io.WriteString(w, "done")
	})}.withDefaults()
	s.Server = httptest.NewUnstartedServer(o.handler(new(atomic.Bool), s.limit))
	s.Config.ConnContext = withConnection
	s.Config.ConnState = func(conn net.Conn, to http.ConnState) {
		s.limit.change(conn, to)
		s.state <- to
	}
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// reached waits until a connection is in a state.
func (s *limited) reached(want http.ConnState) {
	for got := range s.state {
		if got == want {
			return
		}
	}
}

func (s *limited) open() net.Conn {
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	s.reached(http.StateNew)
	return conn
}

// send sends a request, with more headers.
func (s *limited) send(conn net.Conn, request string, headers ...string) {
	s.t.Helper()
	if _, err := io.WriteString(conn, request+" HTTP/1.1\r\nHost: x\r\n"+strings.Join(append(headers, ""), "\r\n")+"\r\n"); err != nil {
		s.t.Fatal(err)
	}
}

// block sends a request for /block and waits until it is being handled.
func (s *limited) block(conn net.Conn) {
	s.t.Helper()
	s.send(conn, "GET /block")
	<-s.running
}

func (s *limited) closed(conn net.Conn) bool {
	_, err := conn.Read(make([]byte, 1))
	return err == io.EOF
}

// response returns a response, whose body it reads.
func (s *limited) response(conn net.Conn) *http.Response {
	s.t.Helper()
	r, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		s.t.Fatalf("no response: %v", err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Fatalf("half a response: %v", err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return r
}

// At the limit, a new connection closes the one that has waited longest, and never one
// whose request is being handled.
func TestConnections(t *testing.T) {
	s := newLimited(t, 3, 2)
	busy := s.open()
	s.block(busy)
	first, second := s.open(), s.open()
	s.send(first, "GET /") // now the second waits longest
	s.response(first)
	s.reached(http.StateIdle)
	third := s.open()
	if !s.closed(second) {
		t.Error("the connection that waited longest is open")
	}
	s.reached(http.StateClosed)
	s.block(third)
	fourth := s.open()
	if !s.closed(first) {
		t.Error("the only connection without a request is open")
	}
	s.reached(http.StateClosed)
	s.send(fourth, "GET /health")
	if r := s.response(fourth); r.StatusCode != http.StatusOK {
		t.Errorf("health at both limits: %d", r.StatusCode)
	}
	s.reached(http.StateIdle)
	for range 2 {
		s.finish <- struct{}{}
	}
	for _, conn := range []net.Conn{busy, third} {
		if r := s.response(conn); r.StatusCode != http.StatusOK {
			t.Errorf("a request that was being handled got %d", r.StatusCode)
		}
		s.reached(http.StateIdle)
	}
	for _, conn := range []net.Conn{busy, third, fourth} {
		conn.Close()
		s.reached(http.StateClosed)
	}
	s.limit.mu.Lock()
	defer s.limit.mu.Unlock()
	if len(s.limit.open) != 0 || s.limit.waiting.Len() != 0 || s.limit.requests != 0 {
		t.Errorf("%d connections, %d of them wait, %d requests; want none", len(s.limit.open), s.limit.waiting.Len(), s.limit.requests)
	}
}

// Each connection beyond the limit closes another one, even before net/http has reported
// the earlier ones as closed.
func TestConnectionLimitInABurst(t *testing.T) {
	c := connections{max: 2, maxRequests: 1}
	var all []net.Conn
	for i := range 6 {
		conn, other := net.Pipe()
		t.Cleanup(func() { conn.Close(); other.Close() })
		all = append(all, conn)
		over := c.record(conn, http.StateNew)
		if i < 2 && over != nil || i >= 2 && over != all[i-2] {
			t.Errorf("connection %d closes %v, want the one that has waited longest", i, over)
		}
	}
}

// A request beyond the limit gets 503 at once, and its connection closes, although its
// body never arrives. After another request has ended, the next one is handled.
func TestRequestLimit(t *testing.T) {
	s := newLimited(t, 10, 2)
	one, two := s.open(), s.open()
	s.block(one)
	s.block(two)
	rejected := s.open()
	s.send(rejected, "POST /", "Content-Length: 10")
	r := s.response(rejected)
	if header := r.Header; r.StatusCode != http.StatusServiceUnavailable || header.Get("Retry-After") != "1" || header.Get("Cache-Control") != "no-store" || header.Get("Content-Type") != "application/json" || !r.Close {
		t.Errorf("beyond the limit: %d %v", r.StatusCode, header)
	}
	if body, err := io.ReadAll(r.Body); err != nil || string(body) != `{"message":"Service Unavailable"}` {
		t.Errorf("beyond the limit: %s, %v", body, err)
	}
	s.finish <- struct{}{}
	s.reached(http.StateIdle)
	next := s.open()
	s.send(next, "GET /")
	if r := s.response(next); r.StatusCode != http.StatusOK {
		t.Errorf("after the end of another request: %d", r.StatusCode)
	}
	s.finish <- struct{}{}
}

// A client whose request has been handled keeps no one else out, even if it does not send
// the body of a rejected request, or does not read the response.
func TestFinishedRequestsWait(t *testing.T) {
	s := newLimited(t, 3, 2)
	for range 3 {
		conn := s.open()
		s.send(conn, "POST /", "Content-Length: 10") // the handler does not read it
		s.reached(http.StateActive)
	}
	for range 5 {
		conn := s.open()
		s.send(conn, "GET /health")
		if r := s.response(conn); r.StatusCode != http.StatusOK {
			t.Errorf("health: %d", r.StatusCode)
		}
	}
}
