package gateway

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// StreamInvoker runs a function whose answer is passed on as it is written.
// The content type announces whether the body begins with a prelude. Reading
// the body gives io.EOF at its end, or what hit the function meanwhile. Closing
// it early does not end the function.
type StreamInvoker interface {
	InvokeStream(ctx context.Context, payload []byte) (contentType string, body io.ReadCloser, err error)
}

// FunctionURL is a Lambda Function URL with AuthType NONE and the invoke mode
// RESPONSE_STREAM.
type FunctionURL struct {
	Function    StreamInvoker
	CORS        *CORS                // nil means that preflights are requests like any other
	Log         *slog.Logger         // errors of the function; nil means none
	Unavailable func(err error) bool // tells an Invoker's "no capacity" errors, answered with 429; nil means none are
	Now         func() time.Time     // nil means time.Now
	RequestID   func() string        // nil means random ones
	ID          string               // zero means local
}

// NewFunctionURL gives the handler behind a Function URL.
func NewFunctionURL(u FunctionURL) http.Handler {
	if u.Log == nil {
		u.Log = slog.New(slog.DiscardHandler)
	}
	if u.Unavailable == nil {
		u.Unavailable = func(error) bool { return false }
	}
	if u.Now == nil {
		u.Now = time.Now
	}
	if u.RequestID == nil {
		u.RequestID = uuid.NewString
	}
	if u.ID == "" {
		u.ID = "local"
	}
	return &urlHandler{u}
}

type urlHandler struct{ FunctionURL }

// ServeHTTP implements [http.Handler]. A client that disconnects ends neither
// the function nor its bill.
func (u *urlHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, start := u.RequestID(), u.Now()
	w.Header().Set("X-Amzn-Requestid", id)
	if u.CORS.isPreflight(r) {
		resp := u.CORS.preflight(r)
		resp.status = http.StatusOK // an HTTP API says 204; unsure
		resp.write(w, r)
		return
	}
	body, err := readBody(r, maxEventBytes)
	if err != nil {
		u.refuse(w, r, http.StatusRequestEntityTooLarge)
		return
	}
	event, err := u.event(r, id, start, body)
	if err != nil || len(event) > maxEventBytes {
		u.refuse(w, r, http.StatusRequestEntityTooLarge)
		return
	}
	contentType, stream, err := u.Function.InvokeStream(context.WithoutCancel(r.Context()), event)
	if err != nil {
		u.Log.ErrorContext(r.Context(), "function failed", "requestId", id, "error", err)
		if u.Unavailable(err) {
			u.refuse(w, r, http.StatusTooManyRequests)
			return
		}
		u.refuse(w, r, http.StatusBadGateway)
		return
	}
	defer stream.Close()
	u.pass(w, r, id, contentType, bufio.NewReader(stream))
}

// refuse answers in place of the function. Statuses are documented, bodies are
// unsure. https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
func (u *urlHandler) refuse(w http.ResponseWriter, r *http.Request, status int) {
	resp := rejection(status)
	if status == http.StatusBadGateway {
		resp.body = []byte(`{"message":"Internal Server Error"}`)
	}
	u.CORS.decorate(r, resp.header)
	resp.write(w, r)
}

// integrationResponse is the content type that announces a prelude.
const integrationResponse = "application/vnd.awslambda.http-integration-response"

// pass writes the function's response, each chunk when it comes. What hits the
// function after the beginning breaks the connection, so that nobody takes the
// part for the whole.
func (u *urlHandler) pass(w http.ResponseWriter, r *http.Request, id, contentType string, stream *bufio.Reader) {
	p := prelude{StatusCode: http.StatusOK, Headers: map[string]any{"content-type": contentType}}
	if contentType == integrationResponse {
		var err error
		if p, err = readPrelude(stream); err != nil {
			u.Log.ErrorContext(r.Context(), "bad prelude", "requestId", id, "error", err)
			u.refuse(w, r, http.StatusBadGateway)
			return
		}
	}
	header, err := p.header()
	if err != nil {
		u.Log.ErrorContext(r.Context(), "bad prelude", "requestId", id, "error", err)
		u.refuse(w, r, http.StatusBadGateway)
		return
	}
	u.CORS.decorate(r, header)
	for name, values := range header {
		w.Header()[name] = values
	}
	w.WriteHeader(p.StatusCode)
	gone, failed := copyFlushing(w, stream)
	switch {
	case failed != nil:
		u.Log.ErrorContext(r.Context(), "function failed while streaming", "requestId", id, "error", failed)
		panic(http.ErrAbortHandler)
	case gone != nil:
		u.Log.InfoContext(r.Context(), "client went away", "requestId", id, "error", gone)
	}
}

// copyFlushing reads to the end, or until nobody takes what it writes.
func copyFlushing(w http.ResponseWriter, r io.Reader) (gone, failed error) {
	flusher := http.NewResponseController(w)
	if gone = flusher.Flush(); gone != nil {
		return gone, nil
	}
	chunk := make([]byte, 32<<10)
	for {
		n, err := r.Read(chunk)
		if n > 0 {
			_, gone = w.Write(chunk[:n])
			if gone != nil && !errors.Is(gone, http.ErrBodyNotAllowed) {
				return gone, nil
			}
			if gone = flusher.Flush(); gone != nil {
				return gone, nil
			}
		}
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
	}
}
