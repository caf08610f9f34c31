// Package httpserver runs an [http.Handler] as a plain process: it bounds what
// a client may take, answers health checks, and when it is asked to end, lets
// the calls that are running finish.
package httpserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// Options of [Serve]. Of the times, zero means the one that is said, and a
// negative one means none at all.
type Options struct {
	Handler    http.Handler // required
	HealthPath string       // answers 200, and 503 once the server is to end; empty means /health
	Log        *slog.Logger // nil means none

	ReadHeader time.Duration // for the headers of a request; 10 s
	Read       time.Duration // for all of a request; 40 s
	Write      time.Duration // until a client takes what was written; 30 s
	Idle       time.Duration // between two requests; 140 s, longer than any balancer in front waits
	Call       time.Duration // for the handler; 15 min, as long as Lambda gives
	Drain      time.Duration // still taking requests, after it was asked to end; 5 s, in which balancers notice
	Stop       time.Duration // for running calls, after that; 100 s
}

// maxHeader is what all headers of a request may have: more than API Gateway
// takes, and net/http adds 4 KB.
const maxHeader = 12 << 10

func (o Options) withDefaults() Options {
	o.HealthPath = cmp.Or(o.HealthPath, "/health")
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	for field, value := range map[*time.Duration]time.Duration{
		&o.ReadHeader: 10 * time.Second, &o.Read: 40 * time.Second, &o.Write: 30 * time.Second, &o.Idle: 140 * time.Second,
		&o.Call: 15 * time.Minute, &o.Drain: 5 * time.Second, &o.Stop: 100 * time.Second,
	} {
		*field = cmp.Or(*field, value)
	}
	return o
}

// Serve serves until ctx ends, and then until the running calls have ended or
// their time is up, which is an error. It closes the listener.
func Serve(ctx context.Context, listener net.Listener, o Options) error {
	o = o.withDefaults()
	calls, cutOff := context.WithCancel(context.WithoutCancel(ctx))
	defer cutOff()
	var draining atomic.Bool
	server := &http.Server{
		Handler:           o.handler(&draining),
		ReadHeaderTimeout: o.ReadHeader,
		ReadTimeout:       o.Read, // over once the body was read: then reading serves to notice that the client goes away
		IdleTimeout:       o.Idle,
		MaxHeaderBytes:    maxHeader,
		BaseContext:       func(net.Listener) context.Context { return calls },
		ErrorLog:          slog.NewLogLogger(o.Log.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	o.Log.Info("asked to end")
	draining.Store(true)
	select {
	case err := <-ended:
		return fmt.Errorf("serve on %s: %w", listener.Addr(), err)
	case <-time.After(o.Drain):
	}
	return o.stop(server, cutOff)
}

// stop waits for the running calls.
func (o Options) stop(server *http.Server, cutOff func()) error {
	limit, cancel := context.WithTimeout(context.Background(), o.Stop)
	defer cancel()
	err := server.Shutdown(limit)
	if err == nil {
		o.Log.Info("ended")
		return nil
	}
	cutOff()
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("calls that were still running after %v have been cut off", o.Drain+o.Stop)
	}
	return errors.Join(err, server.Close())
}

// handler answers health checks, and everything else within limits.
func (o Options) handler(draining *atomic.Bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if draining.Load() {
			w.Header().Set("Connection", "close") // so that the next request goes elsewhere
		}
		if r.URL.Path == o.HealthPath {
			health(w, r, draining.Load())
			return
		}
		if o.Call > 0 {
			ctx, cancel := context.WithTimeout(r.Context(), o.Call)
			defer cancel()
			r = r.WithContext(ctx)
		}
		if o.Write > 0 {
			limited := &writer{w, http.NewResponseController(w), o.Write}
			defer limited.extend() // for what net/http still holds
			w = limited
		}
		o.Handler.ServeHTTP(w, r)
	})
}

// health needs no key: it tells nothing but that the process is there.
func health(w http.ResponseWriter, r *http.Request, draining bool) {
	status, text := http.StatusOK, `{"status":"ok"}`
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		status, text = http.StatusMethodNotAllowed, `{"message":"Method Not Allowed"}`
	case draining:
		status, text = http.StatusServiceUnavailable, `{"status":"ending"}`
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // whoever asked may be gone
}
