package mcpclient

import (
	"context"
	"fmt"
	"slices"

	"github.com/mark3labs/mcp-go/mcp"
)

// UnknownToolError means that the server does not offer a tool to this key.
type UnknownToolError struct {
	Name  string
	Known []string // the tools that it offers, sorted; not safe to print
}

// Error implements error.
func (e *UnknownToolError) Error() string { return fmt.Sprintf("no tool %q", e.Name) }

// Tools returns the tools that the key may use, in the server's order. Their texts
// are not safe to print.
func (c *Client) Tools(ctx context.Context) ([]mcp.Tool, error) {
	result, err := list(ctx, "tools", c.ListTools)
	return result.Tools, err
}

// Resources returns the resources that the key may read. Their texts are not safe to print.
func (c *Client) Resources(ctx context.Context) ([]mcp.Resource, error) {
	result, err := list(ctx, "resources", c.ListResources)
	return result.Resources, err
}

// ResourceTemplates returns the resource templates that the key may use. Their texts are not
// safe to print.
func (c *Client) ResourceTemplates(ctx context.Context) ([]mcp.ResourceTemplate, error) {
	result, err := list(ctx, "resource templates", c.ListResourceTemplates)
	return result.ResourceTemplates, err
}

// Prompts returns the prompts that the key may use. Their texts are not safe to print.
func (c *Client) Prompts(ctx context.Context) ([]mcp.Prompt, error) {
	result, err := list(ctx, "prompts", c.ListPrompts)
	return result.Prompts, err
}

// list calls a method that lists what the server offers, within requestTimeout. The result
// is never nil.
func list[Request, Result any](ctx context.Context, what string, call func(context.Context, Request) (*Result, error)) (*Result, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	var request Request
	result, err := call(ctx, request)
	if err != nil {
		return new(Result), fmt.Errorf("list %s: %w", what, cause(err))
	}
	return result, nil
}

// Tool returns a tool by its name. If the server does not offer it, the error is
// an [UnknownToolError].
func (c *Client) Tool(ctx context.Context, name string) (mcp.Tool, error) {
	tools, err := c.Tools(ctx)
	if err != nil {
		return mcp.Tool{}, err
	}
	var known []string
	for _, t := range tools {
		if t.Name == name {
			return t, nil
		}
		known = append(known, t.Name)
	}
	slices.Sort(known)
	return mcp.Tool{}, &UnknownToolError{Name: name, Known: known}
}

// Call calls a tool. A tool error is not an error but a result with IsError.
func (c *Client) Call(ctx context.Context, name string, args map[string]any) (*mcp.CallToolResult, error) {
	var request mcp.CallToolRequest
	request.Params.Name = name
	request.Params.Arguments = args
	result, err := c.CallTool(ctx, request)
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", name, cause(err))
	}
	return result, nil
}
