package mcpserver

import (
	"context"
	"net/http"
	"sync/atomic"
)

// Correct wraps an HTTP handler around mcp-go and mends what mcp-go gives no
// other access to: the code and the data of an error that one of our functions
// returned, which it answers with -32603 nearly always.
//
// A writer that is no http.Flusher stays none: to have one means that the
// answer may stream.
func Correct(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := &answer{}
		r = r.WithContext(context.WithValue(r.Context(), answerKey{}, a))
		corrected := answerWriter{w, a}
		if flusher, ok := w.(http.Flusher); ok {
			next.ServeHTTP(flushingWriter{corrected, flusher}, r)
			return
		}
		next.ServeHTTP(corrected, r)
	})
}

type answerKey struct{}

// answer holds what the hooks of a request have to say to those who serve it.
type answer struct {
	correction atomic.Pointer[correction] // nil while there is none
	logged     atomic.Bool                // a line about the request is in the log
}

// answerFrom is the answer to the request at hand; nil where the handler was
// not wrapped.
func answerFrom(ctx context.Context) *answer {
	a, _ := ctx.Value(answerKey{}).(*answer)
	return a
}

// Logged reports whether the log has a line about the request at hand. What
// mcp-go refuses before it knows what is asked for, it tells no hook.
func Logged(ctx context.Context) bool {
	a := answerFrom(ctx)
	return a != nil && a.logged.Load()
}

// answerWriter writes errors with their correction. It relies on each message
// and each event being written at once.
type answerWriter struct {
	http.ResponseWriter
	answer *answer
}

// WriteHeader implements http.ResponseWriter.
func (w answerWriter) WriteHeader(status int) {
	if c := w.answer.correction.Load(); c != nil && c.status != 0 && w.Header().Get("Content-Type") == "application/json" {
		status = c.status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w answerWriter) Write(p []byte) (int, error) {
	text := p
	if c := w.answer.correction.Load(); c != nil {
		text = c.apply(p)
	}
	if _, err := w.ResponseWriter.Write(text); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Unwrap lets http.ResponseController find the writer below.
func (w answerWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

type flushingWriter struct {
	answerWriter
	http.Flusher
}
