package tool

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
)

// Notifier carries what a tool tells the client while it runs. Either function
// may be nil: the client did not ask for it, or the answer is buffered and
// could not carry it in time.
type Notifier struct {
	Progress func(done, total float64, message string)
	Log      func(level mcp.LoggingLevel, message string)
}

type notifierKey struct{}

// WithNotifier returns a context in which [Progress] and [Log] reach the client.
func WithNotifier(ctx context.Context, n Notifier) context.Context {
	return context.WithValue(ctx, notifierKey{}, n)
}

// Progress tells the client how far the call has come; done must grow from one
// to the next, and a total of 0 means that it is unknown. It does nothing where
// the client did not ask or the answer does not stream.
func Progress(ctx context.Context, done, total float64, message string) {
	if n, _ := ctx.Value(notifierKey{}).(Notifier); n.Progress != nil {
		n.Progress(done, total, message)
	}
}

// Log sends the client a message about the call, for people to read. It does
// nothing where the client did not ask or the answer does not stream. The
// server's own log is another matter, and not within reach of tools.
func Log(ctx context.Context, level mcp.LoggingLevel, message string) {
	if n, _ := ctx.Value(notifierKey{}).(Notifier); n.Log != nil {
		n.Log(level, message)
	}
}
