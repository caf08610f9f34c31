package httpserver_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"serverless-mcp/internal/hosting/httpserver"
)

func TestHealth(t *testing.T) {
	for name, test := range map[string]struct {
		method, path string
		options      func(*httpserver.Options)
		status       int
	}{
		"default path": {"GET", "/health", func(*httpserver.Options) {}, 200},
		"HEAD":         {"HEAD", "/health", func(*httpserver.Options) {}, 200},
		"other path":   {"GET", "/alive", func(o *httpserver.Options) { o.HealthPath = "/alive" }, 200},
		"POST":         {"POST", "/health", func(*httpserver.Options) {}, 405},
	} {
		inBubble(t, func(t *testing.T) {
			s := start(t, func(_ http.ResponseWriter, r *http.Request) {
				t.Errorf("%s: the handler got %s %s", name, r.Method, r.URL)
			}, test.options)
			status, body, header := s.do(t, test.method, test.path)
			if status != test.status || header.Get("Cache-Control") != "no-store" || header.Get("Content-Type") != "application/json" || status == 200 && test.method == "GET" && body != `{"status":"ok"}` || status == 405 && header.Get("Allow") != "GET, HEAD" {
				t.Errorf("%s: got %d %s %v", name, status, body, header)
			}
			s.shutdown()
			if err := <-s.stopped; err != nil {
				t.Error(err)
			}
		})
	}
}

// On shutdown the health check fails, requests are accepted during the drain time,
// which is 5 s by default, and running calls finish.
func TestShutdownWaitsForCalls(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var log bytes.Buffer
		finish := make(chan struct{})
		s := start(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/slow" {
				<-finish
			}
			fmt.Fprint(w, "done")
		}, logTo(&log), func(o *httpserver.Options) { o.Drain = 0 })
		slow := make(chan string)
		go func() {
			_, body, _ := s.do(t, "GET", "/slow")
			slow <- body
		}()
		synctest.Wait()
		s.shutdown()
		synctest.Wait()
		if status, body, _ := s.do(t, "GET", "/health"); status != http.StatusServiceUnavailable || body != `{"status":"shutting down"}` {
			t.Errorf("health during the drain: %d %s", status, body)
		}
		time.Sleep(5*time.Second - time.Nanosecond)
		if got, err := io.ReadAll(s.send(t, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")); !strings.HasPrefix(string(got), "HTTP/1.1 200") || !strings.Contains(string(got), "Connection: close") {
			t.Errorf("a request at the end of the drain: %q, %v", got, err)
		}
		time.Sleep(time.Second)
		if conn, err := s.dial(); err == nil {
			conn.Close()
			t.Error("a connection is accepted after the drain")
		}
		select {
		case err := <-s.stopped:
			t.Fatalf("Serve returned before the call: %v", err)
		default:
		}
		close(finish)
		if body := <-slow; body != "done" {
			t.Errorf("the call got %q", body)
		}
		if err := <-s.stopped; err != nil {
			t.Error(err)
		}
		if !strings.Contains(log.String(), "shutting down") || !strings.Contains(log.String(), "shutdown complete") {
			t.Errorf("logged %q", &log)
		}
	})
}

// A call that does not finish is cut off after the stop time, 100 s by default, even if it
// has not read its body.
func TestShutdownCutsCallsOff(t *testing.T) {
	for _, request := range []string{"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n"} {
		inBubble(t, func(t *testing.T) { cutsOff(t, request) })
	}
}

func cutsOff(t *testing.T, request string) {
	cause := make(chan error, 1)
	s := start(t, func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		cause <- r.Context().Err()
	})
	s.send(t, request)
	synctest.Wait()
	began := time.Now()
	s.shutdown()
	if err := <-s.stopped; err == nil || !strings.Contains(err.Error(), "cut off calls that were still running after 1m40s") {
		t.Errorf("Serve = %v", err)
	}
	if took := time.Since(began); took != 100*time.Second {
		t.Errorf("after %v, want 100 s", took)
	}
	if err := <-cause; !errors.Is(err, context.Canceled) {
		t.Errorf("the call's context: %v", err)
	}
}

// A disconnect ends the call's context, even after a body, and after the time limit for
// reading the request.
func TestClientDisconnects(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		cause := make(chan error, 1)
		s := start(t, func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.ReadAll(r.Body)
			time.Sleep(time.Minute)
			if err := r.Context().Err(); err != nil {
				t.Errorf("the read timeout ended the call: %v", err)
			}
			<-r.Context().Done()
			cause <- r.Context().Err()
		})
		conn := s.send(t, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
		time.Sleep(2 * time.Minute)
		conn.Close()
		if err := <-cause; !errors.Is(err, context.Canceled) {
			t.Errorf("the call's context: %v", err)
		}
		s.shutdown()
		<-s.stopped
	})
}

// The default limits, and limits set by options.
func TestLimits(t *testing.T) {
	second := func(set func(*httpserver.Options, time.Duration)) func(*httpserver.Options) {
		return func(o *httpserver.Options) { set(o, time.Second) }
	}
	readAll := func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			w.WriteHeader(http.StatusBadRequest)
		}
	}
	wait := func(w http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		fmt.Fprint(w, r.Context().Err())
	}
	const get = "GET / HTTP/1.1\r\nHost: x\r\n"
	for name, test := range map[string]struct {
		send      string
		handler   http.HandlerFunc
		option    func(*httpserver.Options, time.Duration)
		byDefault time.Duration // until the connection ends, by default
		want      string        // prefix of the response
	}{
		"headers that never end": {get, ignore, func(o *httpserver.Options, d time.Duration) { o.ReadHeader = d }, 10 * time.Second, ""},
		"too large headers":      {get + "X-Long: " + strings.Repeat("x", 20<<10) + "\r\n\r\n", ignore, func(*httpserver.Options, time.Duration) {}, 500 * time.Millisecond, "HTTP/1.1 431"},
		"a body that never ends": {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf", readAll, func(o *httpserver.Options, d time.Duration) { o.Read = d }, 40 * time.Second, "HTTP/1.1 400"},
		"no next request":        {get + "\r\n", ignore, func(o *httpserver.Options, d time.Duration) { o.Idle = d }, 140 * time.Second, "HTTP/1.1 200"},
		"a call without end":     {get + "Connection: close\r\n\r\n", wait, func(o *httpserver.Options, d time.Duration) { o.Call = d }, 15 * time.Minute, "HTTP/1.1 200"},
	} {
		for limit, options := range map[time.Duration]func(*httpserver.Options){
			test.byDefault: func(*httpserver.Options) {},
			time.Second:    second(test.option),
		} {
			inBubble(t, func(t *testing.T) {
				s := start(t, test.handler, options)
				began := time.Now()
				got, err := io.ReadAll(s.send(t, test.send))
				if err != nil || !strings.HasPrefix(string(got), test.want) || test.want == "" && len(got) > 0 {
					t.Errorf("%s: got %.80q, %v; want %q", name, got, err, test.want)
				}
				if took := time.Since(began); took > limit+500*time.Millisecond || took < limit && test.byDefault > time.Second {
					t.Errorf("%s: ended after %v, want %v", name, took, limit)
				}
				s.shutdown()
				<-s.stopped
			})
		}
	}
}

// A client that reads nothing cannot hold a call: each write has 30 s by default.
func TestSlowReader(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		failed := make(chan error, 1)
		s := start(t, func(w http.ResponseWriter, _ *http.Request) {
			for chunk := make([]byte, 1<<20); ; {
				if _, err := w.Write(chunk); err != nil {
					failed <- err
					return
				}
			}
		})
		began := time.Now()
		s.send(t, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		<-failed
		if took := time.Since(began); took != 30*time.Second {
			t.Errorf("the write failed after %v, want 30 s", took)
		}
		s.shutdown()
		<-s.stopped
	})
}

// A stream may last longer than the time of each write, and a connection serves
// several requests with pauses.
func TestStreamsAndPauses(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s := start(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/empty" {
				time.Sleep(time.Minute)
				return
			}
			for range 4 {
				time.Sleep(20 * time.Second)
				fmt.Fprintln(w, "tick")
				w.(http.Flusher).Flush()
			}
		})
		conn := s.send(t, "")
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
			time.Sleep(2 * time.Minute)
		}
		conn.Close()
		s.shutdown()
		<-s.stopped
	})
}

func TestListenerFails(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s := start(t, ignore)
		s.listener.Close()
		if err := <-s.stopped; err == nil || !strings.Contains(err.Error(), "serve on 127.0.0.1") {
			t.Errorf("Serve = %v", err)
		}
	})
}

// An error of the shutdown is returned unchanged, and not as calls that were cut off.
func TestListenerCannotBeClosed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s := start(t, ignore)
		s.listener.fails = errors.New("bad file descriptor")
		synctest.Wait()
		s.shutdown()
		if err := <-s.stopped; !errors.Is(err, s.listener.fails) || strings.Contains(err.Error(), "cut off") {
			t.Errorf("Serve = %v, want %v", err, s.listener.fails)
		}
	})
}
