package httpserver_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"serverless-mcp/internal/hosting/httpserver"
)

// running is a server with the means to end it.
type running struct {
	url, address string
	end          context.CancelFunc
	ended        chan error
}

func start(t *testing.T, h http.HandlerFunc, change ...func(*httpserver.Options)) *running {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := httpserver.Options{Handler: h, Drain: -1}
	for _, f := range change {
		f(&o)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := &running{"http://" + listener.Addr().String(), listener.Addr().String(), cancel, make(chan error, 1)}
	go func() { s.ended <- httpserver.Serve(ctx, listener, o) }()
	t.Cleanup(cancel)
	return s
}

// raw opens a connection and sends text.
func (s *running) raw(t *testing.T, text string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	return conn
}

func (s *running) get(t *testing.T, path string) (status int, body string, header http.Header) {
	t.Helper()
	resp, err := http.Get(s.url + path)
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

func nothing(http.ResponseWriter, *http.Request) {}

func TestHealth(t *testing.T) {
	s := start(t, func(w http.ResponseWriter, r *http.Request) { t.Errorf("the handler got %s %s", r.Method, r.URL) })
	if status, body, header := s.get(t, "/health"); status != 200 || body != `{"status":"ok"}` || header.Get("Cache-Control") != "no-store" {
		t.Errorf("got %d %s %v", status, body, header)
	}
	resp, err := http.Post(s.url+"/health", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", resp.StatusCode)
	}
	s.end()
	if err := <-s.ended; err != nil {
		t.Error(err)
	}
}

// Asked to end, it says so, takes requests for a while, and lets the calls that
// are running finish.
func TestEndsWhenCallsHaveEnded(t *testing.T) {
	begun, finish := make(chan struct{}), make(chan struct{})
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			close(begun)
			<-finish
		}
		fmt.Fprint(w, "done")
	}, func(o *httpserver.Options) { o.Drain = time.Second })
	slow := make(chan string)
	go func() {
		_, body, _ := s.get(t, "/slow")
		slow <- body
	}()
	<-begun
	s.end()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for {
		if status, body, _ := s.get(t, "/health"); status == http.StatusServiceUnavailable && body == `{"status":"ending"}` {
			break
		}
		<-again.C
	}
	if status, _, _ := s.get(t, "/"); status != http.StatusOK {
		t.Errorf("a request while it drains: %d", status)
	}
	for { // until the listener is closed, which is after the drain
		conn, err := net.Dial("tcp", s.address)
		if err != nil {
			break
		}
		conn.Close()
		<-again.C
	}
	select {
	case err := <-s.ended:
		t.Fatalf("it ended before the call: %v", err)
	default:
	}
	close(finish)
	if body := <-slow; body != "done" {
		t.Errorf("the call got %q", body)
	}
	if err := <-s.ended; err != nil {
		t.Error(err)
	}
}

// A call that never ends is cut off in the end, and its context says so.
func TestCutsOff(t *testing.T) {
	begun, cut := make(chan struct{}), make(chan error, 1)
	s := start(t, func(_ http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
		cut <- r.Context().Err()
	}, func(o *httpserver.Options) { o.Stop = 20 * time.Millisecond })
	s.raw(t, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	<-begun
	s.end()
	if err := <-s.ended; err == nil || !strings.Contains(err.Error(), "have been cut off") {
		t.Errorf("Serve = %v", err)
	}
	if err := <-cut; !errors.Is(err, context.Canceled) {
		t.Errorf("the call's context: %v", err)
	}
}

// A client that goes away ends the call's context, also when it sent a body,
// and long after the time for that.
func TestClientGoesAway(t *testing.T) {
	begun, gone := make(chan struct{}), make(chan error, 1)
	s := start(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		<-time.After(60 * time.Millisecond)
		if err := r.Context().Err(); err != nil {
			t.Errorf("the time for the body ended the call: %v", err)
		}
		close(begun)
		<-r.Context().Done()
		gone <- r.Context().Err()
	}, func(o *httpserver.Options) { o.Read = 30 * time.Millisecond })
	conn := s.raw(t, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
	<-begun
	conn.Close()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("the call's context: %v", err)
	}
}

func TestLimits(t *testing.T) {
	short := 20 * time.Millisecond
	for name, test := range map[string]struct {
		send    string
		options func(*httpserver.Options)
		handler http.HandlerFunc
		want    string // the beginning of what comes before the connection ends
	}{
		"headers that never end": {"GET / HTTP/1.1\r\nHost: x\r\n", func(o *httpserver.Options) { o.ReadHeader = short }, nothing, ""},
		"too many headers": {
			"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + strings.Repeat("x", 20<<10) + "\r\n\r\n", func(*httpserver.Options) {}, nothing, "HTTP/1.1 431",
		},
		"a body that never ends": {
			"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf", func(o *httpserver.Options) { o.Read = short },
			func(w http.ResponseWriter, r *http.Request) {
				if _, err := io.ReadAll(r.Body); err != nil {
					w.WriteHeader(http.StatusBadRequest)
				}
			}, "HTTP/1.1 400",
		},
		"no next request": {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", func(o *httpserver.Options) { o.Idle = short }, nothing, "HTTP/1.1 200"},
		"a call that takes too long": {
			"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", func(o *httpserver.Options) { o.Call = short },
			func(w http.ResponseWriter, r *http.Request) {
				<-r.Context().Done()
				fmt.Fprint(w, r.Context().Err())
			}, "HTTP/1.1 200",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, test.handler, test.options)
			conn := s.raw(t, test.send)
			_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
			got, err := io.ReadAll(conn)
			var late net.Error
			if errors.As(err, &late) && late.Timeout() || !strings.HasPrefix(string(got), test.want) || test.want == "" && len(got) > 0 {
				t.Errorf("got %.80q, %v; want %q and the end", got, err, test.want)
			}
		})
	}
}

// A client that takes nothing does not hold a call up for ever.
func TestSlowReader(t *testing.T) {
	failed := make(chan error, 1)
	s := start(t, func(w http.ResponseWriter, _ *http.Request) {
		for chunk := make([]byte, 1<<20); ; {
			if _, err := w.Write(chunk); err != nil {
				failed <- err
				return
			}
		}
	}, func(o *httpserver.Options) { o.Write = 50 * time.Millisecond })
	s.raw(t, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if err := <-failed; err == nil {
		t.Error("everything was written")
	}
}

// A stream may last longer than any single write, and one connection serves
// several requests after a pause.
func TestStreamsAndPauses(t *testing.T) {
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/empty" {
			<-time.After(60 * time.Millisecond)
			return
		}
		for range 4 {
			<-time.After(30 * time.Millisecond)
			fmt.Fprintln(w, "tick")
			w.(http.Flusher).Flush()
		}
	}, func(o *httpserver.Options) { o.Write, o.Read = 50*time.Millisecond, 50*time.Millisecond })
	conn := s.raw(t, "")
	reader := bufio.NewReader(conn)
	for path, want := range map[string]string{"/ticks": "tick\ntick\ntick\ntick\n", "/empty": ""} {
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", path)
		resp, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || string(body) != want {
			t.Errorf("%s: %q, %v", path, body, err)
		}
	}
}

func TestListenerFails(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	if err := httpserver.Serve(t.Context(), listener, httpserver.Options{Handler: http.HandlerFunc(nothing)}); err == nil || !strings.Contains(err.Error(), "serve on 127.0.0.1") {
		t.Errorf("Serve = %v", err)
	}
}
