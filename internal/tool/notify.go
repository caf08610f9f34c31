package tool

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
)

// Notifier sends a tool's notifications to the client while the tool runs. A function is
// nil if the client did not request these notifications, or if the response is buffered
// and they would arrive too late.
type Notifier struct {
	Progress func(done, total float64, message string)
	Log      func(level mcp.LoggingLevel, message string)
}

type notifierKey struct{}

// WithNotifier returns a context in which [Progress] and [Log] reach the client.
func WithNotifier(ctx context.Context, n Notifier) context.Context {
	return context.WithValue(ctx, notifierKey{}, n)
}

// Progress reports the progress of the call to the client. done must increase with every
// report; a total of 0 means unknown. Progress does nothing if the client did not request
// progress or the response does not stream.
func Progress(ctx context.Context, done, total float64, message string) {
	if n, _ := ctx.Value(notifierKey{}).(Notifier); n.Progress != nil {
		n.Progress(done, total, message)
	}
}

// Log sends the client a log message about the call, for people to read. It does nothing
// if the client did not request log messages or the response does not stream. It does not
// write to the server's own log, to which tools have no access.
func Log(ctx context.Context, level mcp.LoggingLevel, message string) {
	if n, _ := ctx.Value(notifierKey{}).(Notifier); n.Log != nil {
		n.Log(level, message)
	}
}
