package mcpserver

import (
	"cmp"
	"context"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/tool"
)

// withNotifier returns a context in which the tool's progress and log messages
// reach the client, if it requested them. mcphttp drops them if the response
// does not stream.
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

// notify sends a message, and waits until the session has room for it: a tool that
// reports faster than its client reads is slowed down, and no message is lost. mcp-go's
// own method drops the message if the channel is full. When the call has ended, notify
// returns without sending.
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

// logLevel returns the lowest level of messages that the client wants.
func logLevel(ctx context.Context) mcp.LoggingLevel {
	if server.IsModernRequest(ctx) {
		// If none is requested, none may be sent.
		return cmp.Or(server.RequestProtocolInfoFromContext(ctx).LogLevel, none)
	}
	session, ok := server.ClientSessionFromContext(ctx).(server.SessionWithLogging)
	if !ok {
		return mcp.LoggingLevelInfo
	}
	return session.GetLogLevel()
}

// none is not a level of the protocol, so no message reaches it.
const none mcp.LoggingLevel = "none"
