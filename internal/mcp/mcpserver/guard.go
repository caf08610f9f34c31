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

// guard wraps the functions of a set for mcp-go. Errors are logged in full; the
// caller gets a generic message, because an error may hold a host name, a query
// or a key.
type guard struct {
	log   *slog.Logger
	limit Limit // nil means no limits
}

// errInternal replaces an error that was not meant for the caller.
type errInternal struct{ what string }

func (e errInternal) Error() string {
	return fmt.Sprintf("internal error in %s; see the server's log", e.what)
}

// run calls fn and returns an error that the caller may see: one for the model or
// the protocol, or a generic one.
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
	if errors.Is(ctx.Err(), context.Canceled) && errors.Is(err, context.Canceled) {
		return errInternal{what} // the client has cancelled the call or disconnected, and does not get this error
	}
	g.log.ErrorContext(ctx, "internal error", "in", what, "error", err.Error())
	return errInternal{what}
}

// presentable reports whether the error is meant for the caller.
func presentable(err error) bool {
	_, forModel := tool.ForModel(err)
	_, elicit := errors.AsType[mcp.URLElicitationRequiredError](err)
	return forModel || elicit || mcp.IsMissingRequiredClientCapability(err) ||
		errors.Is(err, server.ErrResourceNotFound) || errors.Is(err, errNeedsTasks)
}

// tool guards a tool; run calls the tool. Errors become results, which the model reads,
// except the protocol errors that request something from the client or reject its params.
func (g guard) tool(name string, run tool.HandlerFunc) server.ToolHandlerFunc {
	what := "tool " + name
	return func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		if result := g.refused(ctx); result != nil {
			return result, nil
		}
		ctx = withNotifier(withLeniencyReport(withoutHanging(ctx)), request)
		var result *mcp.CallToolResult
		err := g.run(ctx, what, func() (err error) {
			if err = restoreTool(ctx, &request.Params); err != nil {
				return err
			}
			if result, err = run(ctx, request); err == nil && result == nil {
				err = errors.New("the tool returned neither a result nor an error")
			}
			if err == nil && result.NeedsInput() {
				err = checkInputRequests(ctx, result.InputRequests)
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

// read guards a resource or template that needs permission for a tool.
func (g guard) read(needs string, read tool.ReadFunc) server.ResourceHandlerFunc {
	return func(ctx context.Context, request mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
		if !allowed(ctx, needs) {
			// The same error as mcp-go's for an unknown resource.
			return nil, fmt.Errorf("handler not found for resource URI '%s': %w", request.Params.URI, server.ErrResourceNotFound)
		}
		var contents []mcp.ResourceContents
		err := g.run(ctx, "resource", func() (err error) {
			contents, err = read(withoutHanging(ctx), request)
			return err
		})
		return contents, err
	}
}

// prompt guards a prompt. filterPrompts has checked the permission.
func (g guard) prompt(p tool.Prompt) server.PromptHandlerFunc {
	what := "prompt " + p.Definition().Name
	return func(ctx context.Context, request mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		ctx = withoutHanging(ctx)
		var result *mcp.GetPromptResult
		err := g.run(ctx, what, func() (err error) {
			if err = restorePrompt(ctx, &request.Params); err != nil {
				return err
			}
			if result, err = p.Get(ctx, request); err == nil && result == nil {
				err = errors.New("the prompt returned neither a result nor an error")
			}
			if err == nil && result.NeedsInput() {
				err = checkInputRequests(ctx, result.InputRequests)
			}
			return err
		})
		return result, err
	}
}
