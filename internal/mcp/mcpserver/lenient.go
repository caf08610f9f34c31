package mcpserver

import (
	"context"

	"serverless-mcp/internal/tool"
)

// withLeniencyReport returns a context in which a tool's report of accepted
// deviations from its schema reaches the request's log line.
func withLeniencyReport(ctx context.Context) context.Context {
	state := stateFrom(ctx)
	if state == nil {
		return ctx
	}
	return tool.WithLeniencyReport(ctx, func(words string) { state.lenient.Store(&words) })
}

// leniency returns the deviations that the request's tool accepted, such as
// "null,json-text"; "" if there were none.
func leniency(ctx context.Context) string {
	if state := stateFrom(ctx); state != nil {
		if words := state.lenient.Load(); words != nil {
			return *words
		}
	}
	return ""
}
