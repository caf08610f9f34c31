package mcphttp

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/mcp/mcpserver"
)

// libraryResponse is mcp-go's response to a message, encoded.
type libraryResponse struct {
	status int    // zero means no response: the context ended, or mcp-go panicked
	code   int    // of its JSON-RPC error; zero means none
	body   []byte // nil after a notification
}

// encode encodes a response with the id as the client sent it (mcp-go parses a number as
// a float64, which rounds above 2^53), and with a job's task instead of its placeholder.
func (m message) encode(response mcpserver.Response) (libraryResponse, error) {
	res := libraryResponse{status: http.StatusOK}
	name, value := "result", any(nil)
	switch sent := response.Message.(type) {
	case nil:
		return libraryResponse{status: http.StatusAccepted}, nil
	case mcp.JSONRPCResponse:
		if value = sent.Result; response.Job != nil {
			value = response.Job.Created()
		}
	case mcp.JSONRPCError:
		name, value, res.code = "error", sent.Error, sent.Error.Code
		if m.isModern() {
			res.status = statusOf(res.code)
		}
	default:
		return libraryResponse{}, fmt.Errorf("encode the response: unexpected type %T", sent)
	}
	body := bytes.NewBuffer(make([]byte, 0, 512))
	body.WriteString(`{"jsonrpc":"2.0","id":`)
	body.WriteString(cmp.Or(string(m.ID), "null"))
	body.WriteString(`,"` + name + `":`)
	if err := json.NewEncoder(body).Encode(value); err != nil {
		return libraryResponse{}, fmt.Errorf("encode the response: %w", err)
	}
	body.Truncate(body.Len() - len("\n"))
	body.WriteString("}\n")
	res.body = body.Bytes()
	return res, nil
}

// statusOf returns the HTTP status for a JSON-RPC error code. Since 2026-07-28, the code
// determines the status, so that a gateway can act without reading the body.
// https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#error-responses
func statusOf(code int) int {
	switch code {
	case mcp.METHOD_NOT_FOUND:
		return http.StatusNotFound
	case mcp.HEADER_MISMATCH, mcp.MISSING_REQUIRED_CLIENT_CAPABILITY, mcp.UNSUPPORTED_PROTOCOL_VERSION,
		mcp.INVALID_REQUEST, mcp.INVALID_PARAMS, mcp.PARSE_ERROR:
		return http.StatusBadRequest
	}
	return http.StatusOK
}

// tooLarge replaces a response that exceeds the limit. For a tool call it is a
// tool error, which the model can read and act on.
func (m message) tooLarge(size int, limit int64) *rejection {
	text := fmt.Sprintf("the response is too large: %d bytes, the limit is %d", size, limit)
	if m.Method != string(mcp.MethodToolsCall) {
		return rejectMessage(http.StatusOK, mcp.INTERNAL_ERROR, m.ID, text)
	}
	result := mcp.NewToolResultError(text + "; request less")
	if m.modern {
		result.ResultType = mcp.ResultTypeComplete
	}
	return &rejection{status: http.StatusOK, reason: text, id: m.ID, result: result}
}
