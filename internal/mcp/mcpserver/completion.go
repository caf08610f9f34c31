package mcpserver

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/tool"
)

// completion suggests values for the arguments of prompts and the variables of
// templates that the key may use. It is mcp-go's provider for both.
type completion struct {
	scope
	guard
}

// CompletePromptArgument implements server.PromptCompletionProvider.
func (c completion) CompletePromptArgument(ctx context.Context, name string, argument mcp.CompleteArgument, others mcp.CompleteContext) (*mcp.Completion, error) {
	p, ok := c.prompts[name]
	if !ok || !allowed(ctx, p.Needs()) {
		return nil, tool.Errorf("no such prompt")
	}
	return c.complete(ctx, p.Complete, argument, others)
}

// CompleteResourceArgument implements server.ResourceCompletionProvider. uri is a
// template; a plain resource has nothing to complete.
func (c completion) CompleteResourceArgument(ctx context.Context, uri string, argument mcp.CompleteArgument, others mcp.CompleteContext) (*mcp.Completion, error) {
	t, ok := c.templates[uri]
	if !ok || !allowed(ctx, t.Needs()) {
		return nil, tool.Errorf("no such resource template")
	}
	return c.complete(ctx, t.Complete, argument, others)
}

type completeFunc func(context.Context, mcp.CompleteArgument, map[string]string) (*mcp.Completion, error)

func (c completion) complete(ctx context.Context, fn completeFunc, argument mcp.CompleteArgument, others mcp.CompleteContext) (*mcp.Completion, error) {
	var result *mcp.Completion
	err := c.run(ctx, "completion", func() (err error) {
		result, err = fn(ctx, argument, others.Arguments)
		return err
	})
	return result, err
}
