package mcpserver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/mcp/mcpjob"
	"serverless-mcp/internal/tool"
)

// correction replaces parts of an error response.
type correction struct {
	status  int // of HTTP; zero means unchanged
	code    int
	message string // empty means unchanged
	data    any    // nil means none
}

// noteCorrection is mcp-go's hook for errors. It gets the error before mcp-go writes
// a response, perhaps with the wrong code.
func noteCorrection(ctx context.Context, id any, _ mcp.MCPMethod, request any, err error) {
	state := stateFrom(ctx)
	if state == nil || id == nil {
		return
	}
	c := correct(ctx, request, err)
	if c == nil {
		return
	}
	if server.IsModernRequest(ctx) && c.code != mcp.INTERNAL_ERROR {
		c.status = http.StatusBadRequest
	}
	state.correction.Store(c)
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

// resourceNotFound returns the same correction for unknown resources and those
// that the key may not read. The code differs before 2026-07-28. The data have the
// URI, as in the specification, unless it is long: an error must not be larger than
// what it is about.
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

// apply rewrites the error in a JSON message or in an event that carries one. It
// returns anything else unchanged.
func (c *correction) apply(p []byte) []byte {
	begin, end := bytes.IndexByte(p, '{'), bytes.LastIndexByte(p, '}')
	if begin < 0 || end < begin {
		return p
	}
	var message struct {
		JSONRPC string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Error   *struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
			Data    any    `json:"data,omitempty"`
		} `json:"error"`
	}
	if json.Unmarshal(p[begin:end+1], &message) != nil || message.Error == nil {
		return p
	}
	message.Error.Code, message.Error.Data = c.code, c.data
	if c.message != "" {
		message.Error.Message = c.message
	}
	text, err := json.Marshal(message)
	if err != nil {
		return p
	}
	return bytes.Join([][]byte{p[:begin], text, p[end+1:]}, nil)
}
