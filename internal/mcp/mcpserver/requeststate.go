package mcpserver

import (
	"context"
	"net/http"
	"sync/atomic"

	"serverless-mcp/internal/mcp/mcpjob"
)

// FixErrorCodes wraps mcp-go's handler and rewrites JSON-RPC error codes and data
// that mcp-go does not let handlers set: it answers nearly every error with
// -32603.
//
// The writer passed to next is an http.Flusher only if the original is one, since
// Flush means that the response may stream.
func FixErrorCodes(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		state := &requestState{}
		r = r.WithContext(context.WithValue(r.Context(), stateKey{}, state))
		fixing := fixingWriter{w, state}
		if flusher, ok := w.(http.Flusher); ok {
			next.ServeHTTP(flushingWriter{fixing, flusher}, r)
			return
		}
		next.ServeHTTP(fixing, r)
	})
}

type stateKey struct{}

// requestState is what the hooks of a request pass to its writer.
type requestState struct {
	correction atomic.Pointer[correction] // nil if there is nothing to correct
	lenient    atomic.Pointer[string]     // deviations from the schema that the tool accepted; nil means none
	job        atomic.Pointer[mcpjob.Job] // started for a client that polls it; nil means none
}

// stateFrom returns the state of the current request; nil outside FixErrorCodes.
func stateFrom(ctx context.Context) *requestState {
	state, _ := ctx.Value(stateKey{}).(*requestState)
	return state
}

// fixingWriter applies the request's correction. Each message and each event must
// be written in one call.
type fixingWriter struct {
	http.ResponseWriter
	state *requestState
}

// WriteHeader implements http.ResponseWriter.
func (w fixingWriter) WriteHeader(status int) {
	if c := w.state.correction.Load(); c != nil && c.status != 0 && w.Header().Get("Content-Type") == "application/json" {
		status = c.status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w fixingWriter) Write(p []byte) (int, error) {
	text := p
	if c := w.state.correction.Load(); c != nil {
		text = c.apply(p)
	}
	if _, err := w.ResponseWriter.Write(text); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Unwrap lets http.ResponseController reach the original writer.
func (w fixingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

type flushingWriter struct {
	fixingWriter
	http.Flusher
}
