package mcpserver

import (
	"context"
	"sync/atomic"
)

// A Report receives the result of a request, for the log line of an HTTP handler.
// The zero Report has no result yet.
type Report struct{ result atomic.Pointer[Result] }

// Result holds the fields of a request's log line that only the MCP server knows.
type Result struct {
	// Outcome is "ok", "tool error", "over limit", "error", "not found or not allowed"
	// or "unsupported".
	Outcome string
	// Lenient lists the deviations from its schema that the tool accepted, such as
	// "null,json-text"; empty means none.
	Lenient string
}

// Result returns the result, and whether there is one. There is none if mcp-go rejected
// the request before it found the method, or if the call is still running after the
// handler has responded.
func (r *Report) Result() (Result, bool) {
	if result := r.result.Load(); result != nil {
		return *result, true
	}
	return Result{}, false
}

// Set sets the result.
func (r *Report) Set(result Result) { r.result.Store(&result) }

type reportKey struct{}

// WithReport returns a context in which a request is not logged but reported to r.
func WithReport(ctx context.Context, r *Report) context.Context {
	return context.WithValue(ctx, reportKey{}, r)
}

func reportFrom(ctx context.Context) *Report {
	r, _ := ctx.Value(reportKey{}).(*Report)
	return r
}
