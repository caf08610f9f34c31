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

// StreamingHandler is the function to hand to lambda.Start behind a Function
// URL whose invoke mode is RESPONSE_STREAM.
type StreamingHandler func(context.Context, events.APIGatewayV2HTTPRequest) (*events.LambdaFunctionURLStreamingResponse, error)

// ErrCutOff ends an answer whose handler panicked after it had begun: the
// status is spent, so that all that is left is not to pretend that the answer
// is whole. Lambda breaks the connection.
var ErrCutOff = errors.New("the answer was cut off")

// Streaming answers each event with what h writes, while it writes it: the
// writer is an [http.Flusher], and what is written has left before Write
// returns. Otherwise it is like [Buffered].
//
// Nothing tells a function that its client went away: it writes on, into the
// void, until it ends by itself or by its deadline, and that time is billed.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
func Streaming(h http.Handler, log *slog.Logger) StreamingHandler {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return func(ctx context.Context, event events.APIGatewayV2HTTPRequest) (*events.LambdaFunctionURLStreamingResponse, error) {
		r, err := newRequest(context.WithValue(ctx, eventKey{}, event), event)
		if err != nil {
			log.WarnContext(ctx, "event refused", "err", err)
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

// streamed is a buffered answer in the other form.
func streamed(a events.APIGatewayV2HTTPResponse) *events.LambdaFunctionURLStreamingResponse {
	return &events.LambdaFunctionURLStreamingResponse{
		StatusCode: a.StatusCode, Headers: a.Headers, Cookies: a.Cookies, Body: strings.NewReader(a.Body),
	}
}

// streamWriter passes on what is written. Like net/http's, it is for one
// goroutine at a time.
type streamWriter struct {
	header http.Header
	begun  bool
	head   chan *events.LambdaFunctionURLStreamingResponse // takes one
	body   *io.PipeWriter
}

// run lets h write the answer, and ends it.
func (w *streamWriter) run(r *http.Request, h http.Handler, log *slog.Logger) {
	defer func() {
		v := recover()
		if v != nil && v != http.ErrAbortHandler {
			log.ErrorContext(r.Context(), "panic in handler", "panic", v, "stack", string(debug.Stack()))
		}
		switch {
		case v == nil:
			w.begin(http.StatusOK, nil)
			w.body.Close()
		case w.begun:
			w.body.CloseWithError(ErrCutOff)
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

// WriteHeader begins the answer, which then has its status and its headers.
func (w *streamWriter) WriteHeader(status int) { w.begin(status, nil) }

func (w *streamWriter) Write(p []byte) (int, error) {
	w.begin(http.StatusOK, p)
	return w.body.Write(p)
}

// Flush implements [http.Flusher]. There is nothing in between that could keep
// what was written; only an answer that has not begun begins.
func (w *streamWriter) Flush() { w.begin(http.StatusOK, nil) }

// begin sends the head, once. Informational answers are left out, as a
// function cannot send them.
func (w *streamWriter) begin(status int, first []byte) {
	if w.begun || status < http.StatusOK {
		return
	}
	w.begun = true
	head := &events.LambdaFunctionURLStreamingResponse{StatusCode: status, Headers: joined(w.Header()), Cookies: slices.Clone(w.Header()["Set-Cookie"])}
	if len(first) > 0 && w.Header().Get("Content-Type") == "" {
		head.Headers["Content-Type"] = http.DetectContentType(first)
	}
	w.head <- head
}
