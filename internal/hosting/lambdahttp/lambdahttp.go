// Package lambdahttp runs an [http.Handler] as a Lambda function for the events of
// API Gateway's HTTP APIs and Lambda's Function URLs (payload format 2.0).
//
// Other adapters split header values on commas and return a ResponseWriter that
// implements [http.Flusher] without streaming; both break MCP (Mcp-Name, SSE). Here
// a value stays whole, and the buffered writer is not an http.Flusher.
package lambdahttp

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"sync/atomic"

	"github.com/aws/aws-lambda-go/events"
)

// Handler is a function for lambda.Start.
type Handler func(context.Context, Event) (events.APIGatewayV2HTTPResponse, error)

// Invoke implements lambda.Handler. Without it, lambda.Start would copy each event into
// the buffer of a decoder, which takes several times the memory of a large event.
func (h Handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if len(payload) > largeEvent {
		runtime.GC() // frees the buffers that were outgrown while the event was read
		defer debug.SetGCPercent(debug.SetGCPercent(largeGC))
	}
	var event Event
	if err := event.UnmarshalJSON(payload); err != nil { // json.Unmarshal would validate all of it first
		return nil, fmt.Errorf("decode the event: %w", err)
	}
	response, err := h(ctx, event)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.Grow(len(response.Body) + len(response.Body)/8 + 256) // quotes in the body are escaped
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // the gateway decodes the text anyway; escapes would only lengthen it
	if err := encoder.Encode(response); err != nil {
		return nil, fmt.Errorf("encode the response: %w", err)
	}
	return out.Bytes(), nil
}

// An event above largeEvent bytes is handled after a garbage collection and with largeGC as
// GOGC, so that each copy of the event is collected before the next one is made. Otherwise
// the garbage of one call would be several times its body. Changing GOGC affects no other
// event: Lambda gives an instance one event at a time.
const (
	largeEvent = 256 << 10
	largeGC    = 30
)

type eventKey struct{}

// EventFrom returns the event of a request, for what an HTTP request cannot carry: the
// authorizer result and the gateway's request id. The event has no body and no header.
func EventFrom(ctx context.Context) (Event, bool) {
	event, ok := ctx.Value(eventKey{}).(*Event)
	if !ok {
		return Event{}, false
	}
	return *event, true
}

// withEvent returns a context with the event except its body, which may be large, and
// its header, which the request has.
func withEvent(ctx context.Context, event Event) context.Context {
	event.Body, event.Header = nil, nil
	return context.WithValue(ctx, eventKey{}, &event)
}

// Buffered responds to each event with what h writes, once h has returned. An event
// that is not an HTTP request gets 400. A panic of h gets 500 and is logged with its
// stack; log may be nil. The error is always nil, because Lambda would replace the
// instance after an error.
func Buffered(h http.Handler, log *slog.Logger) Handler {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return func(ctx context.Context, event Event) (events.APIGatewayV2HTTPResponse, error) {
		r, err := newRequest(withEvent(ctx, event), event)
		if err != nil {
			log.WarnContext(ctx, "event rejected", "requestId", event.RequestContext.RequestID, "error", err.Error())
			return plain(http.StatusBadRequest), nil
		}
		w := &writer{}
		if !serve(w, r, h, log) {
			return plain(http.StatusInternalServerError), nil
		}
		return w.response(), nil
	}
}

// serve runs h and reports whether it returned without a panic.
func serve(w http.ResponseWriter, r *http.Request, h http.Handler, log *slog.Logger) (returned bool) {
	defer func() {
		if v := recover(); v != nil {
			log.ErrorContext(r.Context(), "panic in handler", "panic", v, "stack", string(debug.Stack()))
		}
	}()
	h.ServeHTTP(w, r)
	return true
}

// Counted counts the requests that reach h: on Lambda, the invocations of this
// instance.
func Counted(h http.Handler, calls *atomic.Int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		h.ServeHTTP(w, r)
	})
}
