package mcpserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/tool"
)

// guard stands between mcp-go and the functions of a set. What goes wrong in
// one of them is told to the log in full and to the caller in general: an error
// of a library may hold a host name, a query or a key.
type guard struct{ log *slog.Logger }

// errInternal is what the caller hears of an error that was not meant for it.
type errInternal struct{ what string }

func (e errInternal) Error() string {
	return fmt.Sprintf("internal error in %s; the server's log has the details", e.what)
}

// run calls fn and returns an error that may be shown: a model's, a protocol's,
// or a general one.
func (g guard) run(ctx context.Context, what string, fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			g.log.ErrorContext(ctx, "panic", "in", what, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = errInternal{what}
		}
	}()
	err = fn()
	if err == nil || presentable(err) {
		return err
	}
	g.log.ErrorContext(ctx, "internal error", "in", what, "error", err.Error())
	return errInternal{what}
}

// presentable reports whether the error was made to be shown.
func presentable(err error) bool {
	_, forModel := tool.ForModel(err)
	_, elicit := errors.AsType[mcp.URLElicitationRequiredError](err)
	return forModel || elicit || mcp.IsMissingRequiredClientCapability(err) ||
		errors.Is(err, server.ErrResourceNotFound)
}

// tool guards a tool. All that goes wrong becomes a result that the model
// reads, except for the protocol errors that ask the client for something or
// refuse what it made up.
func (g guard) tool(t tool.Tool) server.ToolHandlerFunc {
	what := "tool " + t.Definition().Name
	return func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		ctx = withNotifier(withoutQuestions(ctx), request)
		var result *mcp.CallToolResult
		err := g.run(ctx, what, func() (err error) {
			if result, err = t.Handle(ctx, request); err == nil && result == nil {
				err = errors.New("it returned neither a result nor an error")
			}
			if err == nil && result.NeedsInput() {
				err = mayAsk(ctx, result.InputRequests)
			}
			return err
		})
		if text, ok := tool.ForModel(err); ok && !tool.IsInvalidParams(err) {
			return mcp.NewToolResultError(text), nil
		}
		if internal, ok := err.(errInternal); ok {
			return mcp.NewToolResultError(internal.Error()), nil
		}
		return result, err
	}
}

// read guards a resource or template that needs the permission for a tool.
func (g guard) read(needs string, read tool.ReadFunc) server.ResourceHandlerFunc {
	return func(ctx context.Context, request mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
		if !allowed(ctx, needs) {
			// What mcp-go says of an address that nothing is at.
			return nil, fmt.Errorf("handler not found for resource URI '%s': %w", request.Params.URI, server.ErrResourceNotFound)
		}
		var contents []mcp.ResourceContents
		err := g.run(ctx, "resource", func() (err error) {
			contents, err = read(withoutQuestions(ctx), request)
			return err
		})
		return contents, err
	}
}

// prompt guards a prompt; that the caller may have it, the filter has seen to.
func (g guard) prompt(p tool.Prompt) server.PromptHandlerFunc {
	what := "prompt " + p.Definition().Name
	return func(ctx context.Context, request mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		ctx = withoutQuestions(ctx)
		var result *mcp.GetPromptResult
		err := g.run(ctx, what, func() (err error) {
			if result, err = p.Get(ctx, request); err == nil && result != nil && result.NeedsInput() {
				err = mayAsk(ctx, result.InputRequests)
			}
			return err
		})
		return result, err
	}
}
