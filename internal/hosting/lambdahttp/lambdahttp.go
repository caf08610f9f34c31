// Package lambdahttp lets an ordinary [http.Handler] answer the events that
// API Gateway's HTTP APIs and Lambda's Function URLs send (payload format 2.0).
// It knows nothing of what the handler does.
//
// Ready-made adapters split header values on commas and hand out a writer that
// claims to flush; both break protocols that care. Here a value stays whole,
// and the buffered writer is no [http.Flusher], because nothing leaves a
// buffered function before it returns.
package lambdahttp

import (
	"context"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync/atomic"

	"github.com/aws/aws-lambda-go/events"
)

// Handler is the function to hand to lambda.Start.
type Handler func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error)

type eventKey struct{}

// EventFrom returns the event that a request came from, for what HTTP has no
// place for: the authorizer's verdict and the gateway's request id.
func EventFrom(ctx context.Context) (events.APIGatewayV2HTTPRequest, bool) {
	event, ok := ctx.Value(eventKey{}).(events.APIGatewayV2HTTPRequest)
	return event, ok
}

// Buffered answers each event with what h writes, once h has returned. An
// event that is no HTTP request is answered with 400. A panic of h is answered
// with 500 and no details; the details go to log, which may be nil. So the
// error is always nil: an error would become the gateway's own 500, and the
// instance would be thrown away.
func Buffered(h http.Handler, log *slog.Logger) Handler {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return func(ctx context.Context, event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		r, err := newRequest(context.WithValue(ctx, eventKey{}, event), event)
		if err != nil {
			log.WarnContext(ctx, "event refused", "err", err)
			return plain(http.StatusBadRequest), nil
		}
		w := &writer{}
		if !serve(w, r, h, log) {
			return plain(http.StatusInternalServerError), nil
		}
		return w.response(), nil
	}
}

// serve runs h and reports whether it returned; otherwise it panicked.
func serve(w http.ResponseWriter, r *http.Request, h http.Handler, log *slog.Logger) (returned bool) {
	defer func() {
		if v := recover(); v != nil {
			log.ErrorContext(r.Context(), "panic in handler", "panic", v, "stack", string(debug.Stack()))
		}
	}()
	h.ServeHTTP(w, r)
	return true
}

// Counted counts the requests that reach h: on Lambda, the calls that this
// instance has had.
func Counted(h http.Handler, calls *atomic.Int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		h.ServeHTTP(w, r)
	})
}
