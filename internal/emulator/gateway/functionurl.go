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

// StreamInvoker runs a function and returns its response while it is written. The
// content type shows whether the body begins with a prelude. The body ends with
// io.EOF, or with the function's error if it failed after the response began. Closing
// the body early does not stop the function.
type StreamInvoker interface {
	InvokeStream(ctx context.Context, payload []byte) (contentType string, body io.ReadCloser, err error)
}

// FunctionURL is a Lambda Function URL with AuthType NONE and the invoke mode
// RESPONSE_STREAM.
type FunctionURL struct {
	Function    StreamInvoker
	CORS        *CORS                // nil means that preflights are requests like any other
	Log         *slog.Logger         // errors of the function; nil means no log
	Unavailable func(err error) bool // reports whether an error means "no capacity", which results in 429; nil means that none does
	Now         func() time.Time     // nil means time.Now
	RequestID   func() string        // nil means random ids
	ID          string               // zero means local
}

// NewFunctionURL returns the handler of a Function URL.
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

// ServeHTTP implements [http.Handler]. Even if the client disconnects, the function runs
// until it returns, and is billed.
func (u *urlHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, start := u.RequestID(), u.Now()
	w.Header().Set("X-Amzn-Requestid", id)
	if u.CORS.isPreflight(r) {
		resp := u.CORS.preflight(r)
		resp.status = http.StatusOK // an HTTP API returns 204; unsure
		resp.write(w, r)
		return
	}
	body, err := readBody(r, maxEventBytes)
	if err != nil {
		u.reject(w, r, http.StatusRequestEntityTooLarge)
		return
	}
	event, err := u.event(r, id, start, body)
	if err != nil || len(event) > maxEventBytes {
		u.reject(w, r, http.StatusRequestEntityTooLarge)
		return
	}
	contentType, stream, err := u.Function.InvokeStream(context.WithoutCancel(r.Context()), event)
	if err != nil {
		u.Log.ErrorContext(r.Context(), "function failed", "requestId", id, "error", err)
		if u.Unavailable(err) {
			u.reject(w, r, http.StatusTooManyRequests)
			return
		}
		u.reject(w, r, http.StatusBadGateway)
		return
	}
	defer stream.Close()
	u.forward(w, r, id, contentType, bufio.NewReader(stream))
}

// reject responds in place of the function. The statuses are documented, the bodies
// are unsure. https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
func (u *urlHandler) reject(w http.ResponseWriter, r *http.Request, status int) {
	resp := rejection(status)
	if status == http.StatusBadGateway {
		resp.body = []byte(`{"message":"Internal Server Error"}`)
	}
	u.CORS.decorate(r, resp.header)
	resp.write(w, r)
}

// integrationResponse is the content type of a response with a prelude.
const integrationResponse = "application/vnd.awslambda.http-integration-response"

// forward forwards the function's response chunk by chunk. If the function fails after the
// response began, forward aborts the connection, so that the client does not take a partial
// response for a complete one.
func (u *urlHandler) forward(w http.ResponseWriter, r *http.Request, id, contentType string, stream *bufio.Reader) {
	p := prelude{StatusCode: http.StatusOK, Headers: map[string]any{"content-type": contentType}}
	if contentType == integrationResponse {
		var err error
		if p, err = readPrelude(stream); err != nil {
			u.Log.ErrorContext(r.Context(), "bad prelude", "requestId", id, "error", err)
			u.reject(w, r, http.StatusBadGateway)
			return
		}
	}
	header, err := p.header()
	if err != nil {
		u.Log.ErrorContext(r.Context(), "bad prelude", "requestId", id, "error", err)
		u.reject(w, r, http.StatusBadGateway)
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
		u.Log.InfoContext(r.Context(), "client disconnected", "requestId", id, "error", gone)
	}
}

// copyFlushing copies r to w and flushes each chunk. gone is the error of writing to the
// client; failed is the error of reading from the function.
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
