package mcpserver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/tool"
)

// correction is how an error should have been answered.
type correction struct {
	status  int // of HTTP, where the protocol's version has one for the code; else 0
	code    int
	message string // empty means as it is
	data    any    // nil means none
}

// noteCorrection is the hook that mcp-go calls with the error itself, before it
// answers with a code that may not be the right one.
func noteCorrection(ctx context.Context, id any, _ mcp.MCPMethod, request any, err error) {
	a := answerFrom(ctx)
	if a == nil || id == nil {
		return
	}
	c := correct(ctx, request, err)
	if c == nil {
		return
	}
	if server.IsModernRequest(ctx) && c.code != mcp.INTERNAL_ERROR {
		c.status = http.StatusBadRequest
	}
	a.correction.Store(c)
}

// correct is the answer that the specification wants to an error; nil where
// mcp-go's is that already.
func correct(ctx context.Context, request any, err error) *correction {
	text, forModel := tool.ForModel(err)
	missing, lacks := errors.AsType[mcp.MissingRequiredClientCapabilityError](err)
	_, unparsable := errors.AsType[*server.UnparsableMessageError](err)
	read, reads := request.(*mcp.ReadResourceRequest)
	switch {
	case lacks:
		required := map[string]any{missing.Capability: struct{}{}}
		return &correction{
			code: mcp.MISSING_REQUIRED_CLIENT_CAPABILITY,
			data: map[string]any{"requiredCapabilities": required},
		}
	case errors.Is(err, server.ErrResourceNotFound):
		return resourceNotFound(ctx, read, "there is no resource of that address")
	case tool.IsNotFound(err) && reads:
		return resourceNotFound(ctx, read, text)
	case forModel && !reads:
		// A prompt or a completion that was given bad arguments.
		return &correction{code: mcp.INVALID_PARAMS, message: text}
	case unparsable:
		// mcp-go's text holds the names of its Go types.
		return &correction{code: mcp.INVALID_PARAMS, message: "the params are not what this method takes"}
	}
	return nil
}

// resourceNotFound has a code of its own before 2026-07-28. Unknown and not
// allowed get the same, to the byte.
func resourceNotFound(ctx context.Context, read *mcp.ReadResourceRequest, message string) *correction {
	c := &correction{code: mcp.RESOURCE_NOT_FOUND, message: message}
	if server.IsModernRequest(ctx) {
		c.code = mcp.INVALID_PARAMS
	}
	if read != nil {
		c.data = map[string]any{"uri": read.Params.URI}
	}
	return c
}

// apply rewrites the error in a JSON message or an event that carries one; all
// else goes out as it is.
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
