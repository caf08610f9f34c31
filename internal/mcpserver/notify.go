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
	s := server.ServerFromContext(ctx)
	send := func(method string, params map[string]any) {
		// An error means that the client reads too slowly, or not at all. That
		// a message may be lost is no reason for the call to fail.
		_ = s.SendNotificationToClient(ctx, method, params)
	}
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

// logLevel is the least level of messages that the client wants to have.
func logLevel(ctx context.Context) mcp.LoggingLevel {
	if info := server.RequestProtocolInfoFromContext(ctx); info != nil && info.Modern {
		if info.LogLevel == "" {
			return none // it did not ask, and must not get any
		}
		return info.LogLevel
	}
	session, ok := server.ClientSessionFromContext(ctx).(server.SessionWithLogging)
	if !ok || session.SessionID() == "" {
		// Without sessions, logging/setLevel cannot be remembered for a client.
		return mcp.LoggingLevelInfo
	}
	return session.GetLogLevel()
}

// none is no level of the protocol, so that nothing reaches it.
const none mcp.LoggingLevel = "none"
