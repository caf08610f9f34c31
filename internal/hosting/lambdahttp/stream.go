package lambdahttp

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// StreamingHandler is a function for lambda.Start behind a Function URL whose invoke mode is RESPONSE_STREAM.
type StreamingHandler func(context.Context, Event) (*events.LambdaFunctionURLStreamingResponse, error)

// ErrTruncated ends the response of a handler that panicked after the status was
// sent. Lambda then breaks the connection, so that the client does not treat the
// response as complete.
var ErrTruncated = errors.New("response truncated: handler panicked after the first byte")

// Streaming responds to each event with what h writes, at once: the writer is an
// [http.Flusher], and Write returns after its bytes are sent. Otherwise it is like
// [Buffered].
//
// Lambda does not report client disconnects: the handler runs, and is billed, until
// it returns or times out.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
func Streaming(h http.Handler, log *slog.Logger) StreamingHandler {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return func(ctx context.Context, event Event) (*events.LambdaFunctionURLStreamingResponse, error) {
		r, err := newRequest(withEvent(ctx, event), event)
		if err != nil {
			log.WarnContext(ctx, "event rejected", "requestId", event.RequestContext.RequestID, "error", err.Error())
			return streamed(plain(http.StatusBadRequest)), nil
		}
		body, out := io.Pipe()
		w := &streamWriter{body: out, head: make(chan *events.LambdaFunctionURLStreamingResponse, 1)}
		go w.run(r, h, log)
		response := <-w.head
		if response.Body == nil {
			response.Body = body
		}
		return response, nil
	}
}

// streamed converts a buffered response.
func streamed(a events.APIGatewayV2HTTPResponse) *events.LambdaFunctionURLStreamingResponse {
	return &events.LambdaFunctionURLStreamingResponse{
		StatusCode: a.StatusCode, Headers: a.Headers, Cookies: a.Cookies, Body: strings.NewReader(a.Body),
	}
}

// streamWriter sends what is written. Like net/http's, it is for one goroutine at a
// time.
type streamWriter struct {
	header  http.Header
	started bool
	head    chan *events.LambdaFunctionURLStreamingResponse // buffers one response
	body    *io.PipeWriter
}

// run lets h write the response, and ends it.
func (w *streamWriter) run(r *http.Request, h http.Handler, log *slog.Logger) {
	defer func() {
		v := recover()
		if v != nil && v != http.ErrAbortHandler {
			log.ErrorContext(r.Context(), "panic in handler", "panic", v, "stack", string(debug.Stack()))
		}
		switch {
		case v == nil:
			w.start(http.StatusOK, nil)
			w.body.Close()
		case w.started:
			w.body.CloseWithError(ErrTruncated)
		default:
			w.head <- streamed(plain(http.StatusInternalServerError))
		}
	}()
	h.ServeHTTP(w, r)
}

func (w *streamWriter) Header() http.Header {
	if w.header == nil {
		w.header = http.Header{}
	}
	return w.header
}

// WriteHeader sends status and headers.
func (w *streamWriter) WriteHeader(status int) { w.start(status, nil) }

func (w *streamWriter) Write(p []byte) (int, error) {
	w.start(http.StatusOK, p)
	return w.body.Write(p)
}

// Flush implements [http.Flusher]. Writes are never buffered, so it only sends the
// headers if they are not sent yet.
func (w *streamWriter) Flush() { w.start(http.StatusOK, nil) }

// start sends status and headers, once. Informational ones are dropped, because a
// function cannot send them.
func (w *streamWriter) start(status int, first []byte) {
	if w.started || status < http.StatusOK {
		return
	}
	w.started = true
	head := &events.LambdaFunctionURLStreamingResponse{StatusCode: status, Headers: joined(w.Header()), Cookies: slices.Clone(w.Header()["Set-Cookie"])}
	if len(first) > 0 && w.Header().Get("Content-Type") == "" {
		head.Headers["Content-Type"] = http.DetectContentType(first)
	}
	w.head <- head
}
