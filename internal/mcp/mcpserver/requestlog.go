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

// requestLog writes one line a request: who called what, how it ended, how long
// it took. It never writes arguments or results, which are the user's business.
// It hangs on mcp-go's hooks, not on a middleware, because those do not see the
// calls that are refused.
type requestLog struct {
	log     *slog.Logger
	now     func() time.Time
	scope   scope
	started sync.Map // of time.Time, by the address of the request, which is there just once
}

func (l *requestLog) begin(_ context.Context, _ any, _ mcp.MCPMethod, request any) {
	l.started.Store(request, l.now())
}

func (l *requestLog) success(ctx context.Context, _ any, method mcp.MCPMethod, request, result any) {
	outcome := "ok"
	if r, ok := result.(*mcp.CallToolResult); ok && r.IsError {
		outcome = "tool error"
	}
	l.write(ctx, method, request, outcome)
}

func (l *requestLog) failure(ctx context.Context, id any, method mcp.MCPMethod, request any, err error) {
	if id == nil {
		return // a notification that could not be sent, which is no request
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
	attrs := []slog.Attr{slog.String("method", string(method)), slog.String("outcome", outcome)}
	if call, ok := request.(*mcp.CallToolRequest); ok && l.scope.tools[call.Params.Name] {
		// Any other name is whatever the caller made up.
		attrs = append(attrs, slog.String("tool", call.Params.Name))
	}
	if p, ok := tool.PrincipalFrom(ctx); ok {
		attrs = append(attrs, slog.String("keyId", p.KeyID))
	}
	if started, ok := l.started.LoadAndDelete(request); ok { // not there if it could not be parsed
		took := l.now().Sub(started.(time.Time))
		attrs = append(attrs, slog.Float64("durationMs", float64(took.Microseconds())/1000))
	}
	l.log.LogAttrs(ctx, slog.LevelInfo, "mcp request", attrs...)
	if a := answerFrom(ctx); a != nil {
		a.logged.Store(true)
	}
}
