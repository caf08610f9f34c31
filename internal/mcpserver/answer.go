package mcpserver

import (
	"bytes"
	"context"
	"net/http"
	"sync"
)

// Correct wraps mcp-go's HTTP transport and mends two things about its answers
// that the transport gives no other access to: the code and data of an error
// that a handler returned (mcp-go says -32603 for nearly all of them), and the
// order of a stream, whose last notification mcp-go may drop when the result
// overtakes it (mark3labs/mcp-go, pull request 969).
//
// A writer that is no http.Flusher stays none: mcp-go does not stream there.
func Correct(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		flusher, streams := w.(http.Flusher)
		a := &answer{streams: streams, moved: make(chan struct{})}
		aw := answerWriter{w, a}
		r = r.WithContext(context.WithValue(r.Context(), answerKey{}, a))
		if streams {
			next.ServeHTTP(flushingWriter{aw, flusher}, r)
			return
		}
		next.ServeHTTP(aw, r)
	})
}

type answerKey struct{}

// answerFrom is the answer to the request at hand; nil where the transport was
// not wrapped.
func answerFrom(ctx context.Context) *answer {
	a, _ := ctx.Value(answerKey{}).(*answer)
	return a
}

// answer is what the handlers of a request have to say to its writer.
type answer struct {
	streams bool

	mu         sync.Mutex
	correction *correction
	sent       int           // notifications handed to mcp-go
	written    int           // notifications that it has written
	moved      chan struct{} // closed when written grows
}

// notify sends a notification by the function, which fails where mcp-go's queue
// is full; then the notification is lost, as the protocol allows.
func (a *answer) notify(send func() error) {
	a.mu.Lock()
	a.sent++
	a.mu.Unlock()
	if send() != nil {
		a.mu.Lock()
		a.sent--
		a.mu.Unlock()
	}
}

// settle waits until everything sent is written, so that the result, which
// mcp-go writes on another path, cannot overtake it.
func (a *answer) settle(ctx context.Context) {
	for {
		a.mu.Lock()
		done, moved := a.written >= a.sent, a.moved
		a.mu.Unlock()
		if done {
			return
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return
		}
	}
}

// wrote notes what mcp-go writes. Other events are questions to the client.
func (a *answer) wrote(p []byte) {
	if !bytes.HasPrefix(p, []byte("event:")) || !bytes.Contains(p, []byte(`"method":"notifications/`)) {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.written++
	close(a.moved)
	a.moved = make(chan struct{})
}

func (a *answer) correct(c *correction) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.correction = c
}

func (a *answer) corrected() *correction {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.correction
}

// answerWriter writes errors with their correction. It relies on mcp-go writing
// a whole message or event at once.
type answerWriter struct {
	http.ResponseWriter
	answer *answer
}

// WriteHeader implements http.ResponseWriter.
func (w answerWriter) WriteHeader(status int) {
	if c := w.answer.corrected(); c != nil && c.status != 0 && w.Header().Get("Content-Type") == "application/json" {
		status = c.status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w answerWriter) Write(p []byte) (int, error) {
	text := p
	if c := w.answer.corrected(); c != nil {
		text = c.apply(p)
	}
	if _, err := w.ResponseWriter.Write(text); err != nil {
		return 0, err
	}
	w.answer.wrote(p)
	return len(p), nil
}

// Unwrap lets http.ResponseController find the writer below.
func (w answerWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

type flushingWriter struct {
	answerWriter
	http.Flusher
}
