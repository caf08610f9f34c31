// Package httpserver runs an [http.Handler] as a plain process: it limits what a
// client may use, answers health checks, and on shutdown lets running calls
// finish.
package httpserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// Options of [Serve]. For each time, zero means the default in its comment. A negative value
// means no limit and, for Drain and Stop, no time.
type Options struct {
	Handler    http.Handler // required
	HealthPath string       // responds with 200, and with 503 during shutdown; empty means /health
	Log        *slog.Logger // nil means no log

	Connections int // limit of connections; zero means 1,500, about 23 MB
	Requests    int // limit of requests handled at once, less than Connections; zero means two thirds of them

	ReadHeader time.Duration // to read the headers of a request; 10 s
	Read       time.Duration // to read a whole request; 40 s
	Write      time.Duration // for each write of a response; 30 s
	Idle       time.Duration // between two requests on a connection; 140 s, more than any load balancer in front
	Call       time.Duration // for the handler; 15 min, as on Lambda
	Drain      time.Duration // to keep accepting requests after ctx ends, until load balancers notice; 5 s
	Stop       time.Duration // for running calls after that; 100 s
}

// maxHeader limits all headers of a request: API Gateway's limit is 10,240 bytes,
// and net/http adds 4 KB to this.
const maxHeader = 12 << 10

func (o Options) withDefaults() Options {
	o.HealthPath = cmp.Or(o.HealthPath, "/health")
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Connections = cmp.Or(o.Connections, 1500)
	o.Requests = cmp.Or(o.Requests, o.Connections*2/3)
	for field, value := range map[*time.Duration]time.Duration{
		&o.ReadHeader: 10 * time.Second, &o.Read: 40 * time.Second, &o.Write: 30 * time.Second, &o.Idle: 140 * time.Second,
		&o.Call: 15 * time.Minute, &o.Drain: 5 * time.Second, &o.Stop: 100 * time.Second,
	} {
		*field = cmp.Or(*field, value)
	}
	return o
}

// Serve serves until ctx ends, then drains and waits for running calls. It returns
// an error if calls had to be cut off. It closes the listener.
func Serve(ctx context.Context, listener net.Listener, o Options) error {
	o = o.withDefaults()
	calls, cutOff := context.WithCancel(context.WithoutCancel(ctx))
	defer cutOff()
	var draining atomic.Bool
	limit := &connections{max: o.Connections, maxRequests: o.Requests}
	server := &http.Server{
		Handler:           o.handler(&draining, limit),
		ReadHeaderTimeout: o.ReadHeader,
		ReadTimeout:       o.Read, // ends with the body: afterwards net/http reads without a deadline, to detect disconnects
		IdleTimeout:       o.Idle,
		MaxHeaderBytes:    maxHeader,
		BaseContext:       func(net.Listener) context.Context { return calls },
		ConnContext:       withConnection,
		ConnState:         limit.change,
		ErrorLog:          slog.NewLogLogger(o.Log.Handler(), slog.LevelWarn),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	o.Log.Info("shutting down")
	draining.Store(true)
	select {
	case err := <-served:
		return fmt.Errorf("serve on %s: %w", listener.Addr(), err)
	case <-time.After(o.Drain):
	}
	return o.stop(server)
}

// stop waits for running calls, for at most o.Stop.
func (o Options) stop(server *http.Server) error {
	limit, cancel := context.WithTimeout(context.Background(), o.Stop)
	defer cancel()
	err := server.Shutdown(limit)
	if err == nil {
		o.Log.Info("shutdown complete")
		return nil
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("cut off calls that were still running after %v", max(0, o.Drain)+o.Stop)
	}
	return errors.Join(err, server.Close())
}

// handler responds to health checks at once, and passes other requests to o.Handler,
// within the limits and one by one through a turnstile.
func (o Options) handler(draining *atomic.Bool, limit *connections) http.Handler {
	var turns turnstile
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if draining.Load() {
			w.Header().Set("Connection", "close") // so that the next request goes to another task
		}
		if r.URL.Path == o.HealthPath {
			health(w, r, draining.Load())
			return
		}
		end, ok := limit.begin(r.Context())
		if !ok {
			o.busy(w, r)
			return
		}
		defer end()
		turns.pass()
		if o.Call > 0 {
			ctx, cancel := context.WithTimeout(r.Context(), o.Call)
			defer cancel()
			r = r.WithContext(ctx)
		}
		if o.Write > 0 {
			limited := &writer{w, http.NewResponseController(w), o.Write}
			defer limited.extend() // for the rest in net/http's buffer
			w = limited
		}
		o.Handler.ServeHTTP(w, r)
	})
}

// busy rejects a request beyond the limit. The connection closes, so that the body of
// the request need not be read.
func (o Options) busy(w http.ResponseWriter, r *http.Request) {
	o.Log.WarnContext(r.Context(), "request rejected", "reason", "too many requests are being handled")
	for name, value := range map[string]string{"Connection": "close", "Retry-After": "1", "Content-Type": "application/json", "Cache-Control": "no-store"} {
		w.Header().Set(name, value)
	}
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = io.WriteString(w, `{"message":"Service Unavailable"}`)
}

// health needs no key: it shows only that the process is running.
func health(w http.ResponseWriter, r *http.Request, draining bool) {
	status, text := http.StatusOK, `{"status":"ok"}`
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		status, text = http.StatusMethodNotAllowed, `{"message":"Method Not Allowed"}`
	case draining:
		status, text = http.StatusServiceUnavailable, `{"status":"shutting down"}`
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}
