package mcpserver

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/tool"
)

// requestLog logs one line per request (key, method, tool, outcome and duration). If the
// request's context has a [Report], it fills the report instead: then an HTTP handler,
// which knows more about the request, logs the line. requestLog never logs arguments or
// results. It uses mcp-go's hooks, because tool middleware is not called for rejected
// requests.
type requestLog struct {
	log     *slog.Logger
	now     func() time.Time
	scope   scope
	started sync.Map // start times by the pointer to the request, which is unique
}

func (l *requestLog) begin(ctx context.Context, _ any, _ mcp.MCPMethod, request any) {
	if reportFrom(ctx) == nil {
		l.started.Store(request, l.now())
	}
}

func (l *requestLog) success(ctx context.Context, _ any, method mcp.MCPMethod, request, result any) {
	outcome := "ok"
	if r, ok := result.(*mcp.CallToolResult); ok && r.IsError {
		outcome = "tool error"
		if overLimit(r) {
			outcome = "over limit"
		}
	}
	l.write(ctx, method, request, outcome)
}

func (l *requestLog) failure(ctx context.Context, id any, method mcp.MCPMethod, request any, err error) {
	if id == nil {
		return // a notification that could not be sent
	}
	outcome := "error"
	switch {
	case errors.Is(err, server.ErrToolNotFound), errors.Is(err, server.ErrPromptNotFound), errors.Is(err, server.ErrResourceNotFound):
		outcome = "not found or not allowed"
	case errors.Is(err, server.ErrUnsupported), errors.Is(err, server.ErrRemovedInProtocolVersion), errors.Is(err, server.ErrRequiresModernProtocol):
		outcome = "unsupported"
	}
	l.write(ctx, method, request, outcome)
}

func (l *requestLog) write(ctx context.Context, method mcp.MCPMethod, request any, outcome string) {
	if r := reportFrom(ctx); r != nil {
		r.Set(Result{Outcome: outcome, Lenient: leniency(ctx)})
		return
	}
	attrs := []slog.Attr{slog.String("method", string(method)), slog.String("outcome", outcome)}
	if call, ok := request.(*mcp.CallToolRequest); ok {
		if t, ok := l.scope.tools[call.Params.Name]; ok { // any other name is the caller's own text
			attrs = append(attrs, slog.String("tool", t.Name))
		}
	}
	if p, ok := tool.PrincipalFrom(ctx); ok {
		attrs = append(attrs, slog.String("keyId", p.KeyID))
	}
	if started, ok := l.started.LoadAndDelete(request); ok { // missing if the request could not be parsed
		took := l.now().Sub(started.(time.Time))
		attrs = append(attrs, slog.Float64("durationMs", float64(took.Microseconds())/1000))
	}
	if words := leniency(ctx); words != "" {
		attrs = append(attrs, slog.String("lenient", words))
	}
	l.log.LogAttrs(ctx, slog.LevelInfo, "mcp request", attrs...)
}
