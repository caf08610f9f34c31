package httpserver

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// At the limit, a new connection closes the one that has waited longest: never one with
// a request in progress, and itself only if all others have one.
func TestConnections(t *testing.T) {
	running, finish := make(chan struct{}), make(chan struct{})
	limit := &connections{max: 3}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/block" {
			running <- struct{}{}
			<-finish
		}
		_, _ = io.WriteString(w, "done")
	}))
	state := make(chan http.ConnState, 100)
	s.Config.ConnState = func(conn net.Conn, to http.ConnState) {
		limit.change(conn, to)
		state <- to
	}
	s.Start()
	defer s.Close()
	reached := func(want http.ConnState) {
		for got := range state {
			if got == want {
				return
			}
		}
	}
	open := func() net.Conn {
		conn, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		_ = conn.SetDeadline(time.Now().Add(time.Minute))
		reached(http.StateNew)
		return conn
	}
	send := func(conn net.Conn, path string) {
		if _, err := io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
	}
	closed := func(conn net.Conn) bool {
		_, err := conn.Read(make([]byte, 1))
		return err == io.EOF
	}
	response := func(conn net.Conn) {
		if _, err := conn.Read(make([]byte, 1000)); err != nil {
			t.Errorf("no response: %v", err)
		}
	}

	busy := open()
	send(busy, "/block")
	<-running
	first, second := open(), open()
	send(first, "/") // now the second waits longest
	response(first)
	reached(http.StateIdle)
	third := open()
	if !closed(second) {
		t.Error("the connection that waited longest is open")
	}
	reached(http.StateClosed)
	for _, conn := range []net.Conn{first, third} {
		send(conn, "/block")
		<-running
	}
	if !closed(open()) {
		t.Error("a connection beyond the limit is open though all others have a request")
	}
	reached(http.StateClosed)
	for range 3 {
		finish <- struct{}{}
	}
	for _, conn := range []net.Conn{busy, first, third} {
		response(conn)
		conn.Close()
		reached(http.StateClosed)
	}
	limit.mu.Lock()
	defer limit.mu.Unlock()
	if limit.all != 0 || len(limit.waiting) != 0 {
		t.Errorf("%d connections, %d of them wait; want none", limit.all, len(limit.waiting))
	}
}
