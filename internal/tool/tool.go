package tool

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
)

// Info is what a client is told about a tool besides its arguments. The four
// hints are always stated, because a client takes a missing one for the worst:
// destructive, and open to the world.
type Info struct {
	Name        string // 1 to 64 of A-Z a-z 0-9 _ - and .; the name that keys are scoped by
	Title       string // for people; empty means the name
	Description string // for the model: what it does, and when to use it; required
	ReadOnly    bool   // changes nothing
	Destructive bool   // may overwrite or delete; only means something where ReadOnly is false
	Idempotent  bool   // calling again with the same arguments changes nothing more
	OpenWorld   bool   // reaches beyond this server, such as another web service
}

// Tool is a typed function as MCP wants it. Make one with [New] or [Raw].
type Tool struct {
	definition mcp.Tool
	handle     func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error)
	err        error
}

// New makes a tool of a typed function. In is a struct whose fields are the
// arguments; Out is a struct (structured content), a string (text), or
// *mcp.CallToolResult (passed on as it is).
func New[In, Out any](info Info, fn func(ctx context.Context, in In) (Out, error)) Tool {
	return Tool{definition: mcp.Tool{Name: info.Name}}
}

// Raw makes a tool of a ready definition and handler: for content and schemas
// that [New] does not make. Nothing is validated.
func Raw(definition mcp.Tool, handle func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error)) Tool {
	return Tool{definition: definition, handle: handle}
}

// Definition is the tool as tools/list shows it.
func (t Tool) Definition() mcp.Tool { return t.definition }

// Err tells everything that is wrong with the declaration, or nil.
func (t Tool) Err() error { return t.err }

// Handle runs the tool. Bad arguments and errors made by [Errorf] are a result
// that the model reads; any other error is for the log, not for the caller.
func (t Tool) Handle(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	return t.handle(ctx, request)
}
