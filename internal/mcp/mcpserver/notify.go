package mcpserver

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/tool"
)

// withNotifier returns a context in which the tool's progress and log messages
// reach the client, if it asked. Whether the answer streams is the transport's
// to know: where it does not, they end there.
func withNotifier(ctx context.Context, request mcp.CallToolRequest) context.Context {
	send := func(method string, params map[string]any) { notify(ctx, method, params) }
	n := tool.Notifier{Log: func(level mcp.LoggingLevel, message string) {
		if level.ShouldSendTo(logLevel(ctx)) {
			send("notifications/message", map[string]any{"level": level, "data": message})
		}
	}}
	if meta := request.Params.Meta; meta != nil && meta.ProgressToken != nil {
		n.Progress = func(done, total float64, message string) {
			params := map[string]any{"progressToken": meta.ProgressToken, "progress": done}
			if total > 0 {
				params["total"] = total
			}
			if message != "" {
				params["message"] = message
			}
			send("notifications/progress", params)
		}
	}
	return tool.WithNotifier(ctx, n)
}

// notify waits until the session has room for a message: a tool that reports
// faster than its client reads is held up, and nothing is lost. mcp-go's own way
// to send gives up on a full channel. Where the call has ended, by now or while
// it waited, there is nobody to tell.
func notify(ctx context.Context, method string, params map[string]any) {
	session := server.ClientSessionFromContext(ctx)
	if session == nil {
		return
	}
	n := mcp.JSONRPCNotification{JSONRPC: mcp.JSONRPC_VERSION}
	n.Method, n.Params.AdditionalFields = method, params
	select {
	case session.NotificationChannel() <- n:
	case <-ctx.Done():
	}
}

// logLevel is the least level of messages that the client wants to have.
func logLevel(ctx context.Context) mcp.LoggingLevel {
	if info := server.RequestProtocolInfoFromContext(ctx); info != nil && info.Modern {
		if info.LogLevel == "" {
			return none // it did not ask, and must not get any
		}
		return info.LogLevel
	}
	session, ok := server.ClientSessionFromContext(ctx).(server.SessionWithLogging)
	if !ok {
		return mcp.LoggingLevelInfo
	}
	return session.GetLogLevel()
}

// none is no level of the protocol, so that nothing reaches it.
const none mcp.LoggingLevel = "none"
