package mcpserver

import (
	"context"
	"encoding/json"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/tool"
)

// Large holds the large params of a tools/call or prompts/get as JSON texts; nil means
// that mcp-go has the whole value. mcp-go reads a message about ten times and decodes all
// of it into maps, so it gets params without the large values, and the tool or prompt
// gets those from here, after mcp-go's scope checks.
type Large struct {
	Arguments      json.RawMessage
	InputResponses json.RawMessage
}

type largeKey struct{}

// WithLarge returns a context that carries the large params of its request.
func WithLarge(ctx context.Context, large Large) context.Context {
	return context.WithValue(ctx, largeKey{}, large)
}

// errParams is returned for params that cannot be decoded.
var errParams = tool.InvalidParamsf("the params do not match the method")

// restoreTool puts the large params of the current request into a tool call.
func restoreTool(ctx context.Context, params *mcp.CallToolParams) error {
	large, _ := ctx.Value(largeKey{}).(Large)
	if large.Arguments != nil {
		params.RawArguments, params.Arguments = large.Arguments, nil // decoded by the tool
	}
	return restore(large.InputResponses, &params.InputResponses)
}

// restorePrompt puts the large params of the current request into a prompt.
func restorePrompt(ctx context.Context, params *mcp.GetPromptParams) error {
	large, _ := ctx.Value(largeKey{}).(Large)
	if large.Arguments != nil {
		params.Arguments = nil
	}
	if err := restore(large.Arguments, &params.Arguments); err != nil {
		return err
	}
	return restore(large.InputResponses, &params.InputResponses)
}

func restore(text json.RawMessage, value any) error {
	if text != nil && json.Unmarshal(text, value) != nil {
		return errParams
	}
	return nil
}
