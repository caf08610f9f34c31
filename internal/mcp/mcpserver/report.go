package mcpserver

import (
	"context"
	"sync/atomic"
)

// A Report receives the result of a request, for the log line of an HTTP handler.
// The zero Report has no result yet.
type Report struct{ result atomic.Pointer[Result] }

// Result is what the log line of a request needs from the MCP server.
type Result struct {
	// Outcome is "ok", "tool error", "over limit", "error", "not found or not allowed"
	// or "unsupported".
	Outcome string
	// Lenient are the deviations from its schema that the tool accepted, such as
	// "null,json-text"; empty means none.
	Lenient string
}

// Result returns the result, and whether there is one: mcp-go calls no hook for a
// request that it rejects before it has found the method, and a call may run on
// after its handler has responded.
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
