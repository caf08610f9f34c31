package awsfake

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// maxAsyncPayload is the limit of an event in bytes.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const maxAsyncPayload = 1 << 20

// asyncRetries are the pauses before an event is delivered again after the function
// failed. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
var asyncRetries = []time.Duration{time.Minute, 2 * time.Minute}

// A Deliver function invokes a function with an event and waits until it returns.
type Deliver func(ctx context.Context, payload []byte) error

// AsyncInvoke is Lambda's operation Invoke for events: it responds immediately and delivers
// the event in the background, up to three times if the function fails. Events that are
// still waiting at Close are lost.
type AsyncInvoke struct {
	o    Options
	find func(function string) (Deliver, bool)
	mux  *http.ServeMux

	// Times returns how many times an event is delivered, since AWS may lose or duplicate
	// events; nil means once.
	Times func() int

	mu     sync.Mutex
	closed bool
	ctx    context.Context
	cancel context.CancelFunc
	events sync.WaitGroup
}

// NewAsyncInvoke returns a service for the functions that find returns by their names.
func NewAsyncInvoke(o Options, find func(function string) (Deliver, bool)) *AsyncInvoke {
	a := &AsyncInvoke{o: o.withDefaults(), find: find, mux: http.NewServeMux()}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	a.mux.HandleFunc("POST /2015-03-31/functions/{name}/invocations", func(w http.ResponseWriter, r *http.Request) {
		a.o.serve(w, r, asyncProtocol{}, "Invoke", func(signer) (any, error) { return nil, a.accept(r) })
	})
	return a
}

// asyncProtocol is REST-JSON with a response that has status 202 and no body.
type asyncProtocol struct{ restProtocol }

func (asyncProtocol) writeResult(w http.ResponseWriter, _ string, _ any) {
	w.WriteHeader(http.StatusAccepted)
}

// ServeHTTP implements [http.Handler].
func (a *AsyncInvoke) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

// accept queues an event.
func (a *AsyncInvoke) accept(r *http.Request) error {
	if kind := r.Header.Get("X-Amz-Invocation-Type"); kind != "Event" {
		return newError("InvalidParameterValueException", "the invocation type %q is not supported here", kind)
	}
	name := r.PathValue("name")
	if _, after, ok := strings.Cut(name, ":function:"); ok {
		name = after
	}
	deliver, ok := a.find(name)
	if !ok {
		return notFound("Function not found: %s", name)
	}
	payload, err := io.ReadAll(io.LimitReader(r.Body, maxAsyncPayload+1))
	if err != nil {
		return err
	}
	if len(payload) > maxAsyncPayload {
		return &Error{Status: http.StatusRequestEntityTooLarge, Code: "RequestTooLargeException", Message: "the event is larger than 1 MB"}
	}
	times := 1
	if a.Times != nil {
		times = a.Times()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for range times {
		if !a.closed {
			a.events.Go(func() { a.deliver(deliver, payload) })
		}
	}
	return nil
}

// deliver delivers an event until the function succeeds.
func (a *AsyncInvoke) deliver(deliver Deliver, payload []byte) {
	for attempt := 0; ; attempt++ {
		if err := deliver(a.ctx, payload); err == nil || attempt == len(asyncRetries) {
			return
		}
		select {
		case <-time.After(asyncRetries[attempt]):
		case <-a.ctx.Done():
			return
		}
	}
}

// Close drops waiting events, cancels the contexts of deliveries in progress, and returns
// when these have ended.
func (a *AsyncInvoke) Close() {
	a.mu.Lock()
	a.closed = true
	a.mu.Unlock()
	a.cancel()
	a.events.Wait()
}
