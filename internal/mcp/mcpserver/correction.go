package mcpserver

import (
	"context"
	"errors"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/mcp/mcpjob"
	"serverless-mcp/internal/tool"
)

// correction replaces parts of an error response.
type correction struct {
	code    int
	message string // empty means unchanged
	data    any    // nil means none
}

// noteCorrection is a hook that mcp-go calls for each error, before it writes the
// response, whose code may be wrong.
func noteCorrection(ctx context.Context, id any, _ mcp.MCPMethod, request any, err error) {
	state := stateFrom(ctx)
	if state == nil || id == nil {
		return
	}
	if c := correct(ctx, request, err); c != nil {
		state.correction.Store(c)
	}
}

// correct returns the correction that the specification requires for an error, or
// nil if mcp-go's response is right.
func correct(ctx context.Context, request any, err error) *correction {
	text, forModel := tool.ForModel(err)
	missing, lacks := errors.AsType[mcp.MissingRequiredClientCapabilityError](err)
	_, unparsable := errors.AsType[*server.UnparsableMessageError](err)
	read, reads := request.(*mcp.ReadResourceRequest)
	_, setsLevel := request.(*mcp.SetLevelRequest)
	switch {
	case lacks:
		required := map[string]any{missing.Capability: struct{}{}}
		return &correction{
			code: mcp.MISSING_REQUIRED_CLIENT_CAPABILITY,
			data: map[string]any{"requiredCapabilities": required},
		}
	case errors.Is(err, errNeedsTasks):
		return &correction{code: mcp.MISSING_REQUIRED_CLIENT_CAPABILITY, data: mcpjob.Required()}
	case errors.Is(err, server.ErrToolNotFound):
		return &correction{code: mcp.INVALID_PARAMS, message: "no such tool"}
	case errors.Is(err, server.ErrPromptNotFound):
		return &correction{code: mcp.INVALID_PARAMS, message: "no such prompt"}
	case errors.Is(err, server.ErrResourceNotFound):
		return resourceNotFound(ctx, read, "no such resource")
	case tool.IsNotFound(err) && reads:
		return resourceNotFound(ctx, read, text)
	case forModel && !reads:
		// Bad arguments of a prompt or a completion.
		return &correction{code: mcp.INVALID_PARAMS, message: text}
	case setsLevel && !unparsable && strings.Contains(err.Error(), "invalid logging level"):
		// mcp-go's text quotes the request.
		return &correction{code: mcp.INVALID_PARAMS, message: "no such log level"}
	case unparsable:
		// mcp-go's text names its Go types.
		return &correction{code: mcp.INVALID_PARAMS, message: "the params do not match the method"}
	}
	return nil
}

// maxQuoted is the size in bytes up to which an error repeats a URI.
const maxQuoted = 256

// resourceNotFound returns the same correction for unknown resources and for resources
// that the key may not read. The code differs before 2026-07-28. The data contains the URI, as
// in the specification, unless it is long, so that the error is never large.
func resourceNotFound(ctx context.Context, read *mcp.ReadResourceRequest, message string) *correction {
	c := &correction{code: mcp.RESOURCE_NOT_FOUND, message: message}
	if server.IsModernRequest(ctx) {
		c.code = mcp.INVALID_PARAMS
	}
	if read != nil && len(read.Params.URI) <= maxQuoted {
		c.data = map[string]any{"uri": read.Params.URI}
	}
	return c
}

// apply returns the error with its corrections; c may be nil.
func (c *correction) apply(failed mcp.JSONRPCError) mcp.JSONRPCError {
	if c == nil {
		return failed
	}
	failed.Error.Code, failed.Error.Data = c.code, c.data
	if c.message != "" {
		failed.Error.Message = c.message
	}
	return failed
}
