package httpserver

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// deadlines is a connection that records its write deadlines.
type deadlines struct {
	*httptest.ResponseRecorder
	all []time.Time
}

func (d *deadlines) SetWriteDeadline(at time.Time) error {
	d.all = append(d.all, at)
	return nil
}

// Each write, and the rest that net/http sends after the handler, has its own deadline.
func TestWriteDeadlines(t *testing.T) {
	for name, write := range map[string]func(http.ResponseWriter){
		"Write":       func(w http.ResponseWriter) { _, _ = w.Write([]byte("x")) },
		"WriteHeader": func(w http.ResponseWriter) { w.WriteHeader(http.StatusAccepted) },
		"Flush":       func(w http.ResponseWriter) { w.(http.Flusher).Flush() },
		"nothing":     func(http.ResponseWriter) {},
	} {
		d := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		want := 1 // after the handler
		if name != "nothing" {
			want = 2
		}
		o := Options{Write: time.Hour, Call: time.Hour, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, ok := r.Context().Deadline(); !ok {
				t.Errorf("%s: the call has no deadline", name)
			}
			write(w)
		})}.withDefaults()
		o.handler(new(atomic.Bool), &connections{maxRequests: 1}).ServeHTTP(d, httptest.NewRequest("POST", "/mcp", nil))
		if len(d.all) != want || time.Until(d.all[len(d.all)-1]) < 59*time.Minute {
			t.Errorf("%s: deadlines %v, want %d in an hour", name, d.all, want)
		}
	}
	d := &deadlines{ResponseRecorder: httptest.NewRecorder()}
	Options{Write: -1, Call: -1, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := r.Context().Deadline(); ok {
			t.Error("a call without a limit has a deadline")
		}
		_, _ = w.Write([]byte("x"))
	})}.withDefaults().handler(new(atomic.Bool), &connections{maxRequests: 1}).ServeHTTP(d, httptest.NewRequest("POST", "/mcp", nil))
	if d.all != nil {
		t.Errorf("deadlines without a limit: %v", d.all)
	}
}

// The default limit of requests is lower than that of connections, so that a new
// connection always finds one to close.
func TestDefaultLimits(t *testing.T) {
	for connections, want := range map[int][2]int{0: {1500, 1000}, 3: {3, 2}, 3000: {3000, 2000}} {
		if o := (Options{Connections: connections}).withDefaults(); o.Connections != want[0] || o.Requests != want[1] {
			t.Errorf("%d: %d connections, %d requests, want %v", connections, o.Connections, o.Requests, want)
		}
	}
}

// broken is a listener that fails when the test makes it fail.
type broken struct {
	net.Listener
	fail chan struct{}
}

var errBroken = errors.New("broken")

func (b broken) Accept() (net.Conn, error) {
	<-b.fail
	return nil, errBroken
}

// A server that can no longer accept connections returns the reason, even while it drains:
// the task must not look as if it had shut down normally.
func TestListenerFails(t *testing.T) {
	for name, draining := range map[string]bool{"serving": false, "draining": true} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		b := broken{listener, make(chan struct{})}
		ctx, end := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- Serve(ctx, b, Options{Handler: http.NotFoundHandler(), Drain: time.Hour}) }()
		if draining {
			end()
		}
		close(b.fail)
		if err := <-done; !errors.Is(err, errBroken) || !strings.Contains(err.Error(), listener.Addr().String()) {
			t.Errorf("%s: Serve = %v, want the listener's error", name, err)
		}
		end()
	}
}
