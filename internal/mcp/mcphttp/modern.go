package mcphttp

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/tool"
)

// checkHeaders returns an error if the headers and the body of a message disagree, or nil.
// Since 2026-07-28, a request names its protocol version, its method and the tool, prompt or
// resource in the headers too, so that a gateway can route it without reading the body.
// https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#standard-request-headers
func (h *handler) checkHeaders(ctx context.Context, header http.Header, m message) mcp.JSONRPCMessage {
	if !m.isModern() {
		return nil
	}
	version, inBody := header.Get(mcp.HeaderProtocolVersion), m.Params.Meta.ProtocolVersion
	switch {
	case version == "":
		return failure(mcp.HEADER_MISMATCH, mcp.HeaderProtocolVersion+" header is required for requests carrying "+mcp.MetaKeyProtocolVersion)
	case inBody == "":
		return failure(mcp.INVALID_PARAMS, "missing or invalid _meta field "+mcp.MetaKeyProtocolVersion)
	case version != inBody:
		return failure(mcp.HEADER_MISMATCH, mcp.HeaderProtocolVersion+" does not match the body")
	}
	if m.ID == nil {
		return nil // clients may leave the other headers out of a notification
	}
	var wrapper struct{ Params json.RawMessage }
	if json.Unmarshal(m.small, &wrapper) != nil {
		return failure(mcp.INVALID_PARAMS, "the params do not match the method")
	}
	all := func(name string) string { return strings.Join(header.Values(name), ", ") } // as gateways join them
	err := mcp.ValidateStandardHeaders(all, version, mcp.MCPMethod(m.Method), wrapper.Params)
	if called, ok := h.paramHeaders[m.Params.Name]; ok && err == nil && m.Method == string(mcp.MethodToolsCall) {
		// Only for a tool that the caller may use: otherwise the error would reveal that
		// the tool exists.
		if p, known := tool.PrincipalFrom(ctx); known && p.Allows(called.Name) {
			sent := func(name string) (string, bool) { return all(name), len(header.Values(name)) > 0 }
			err = mcp.ValidateParamHeadersLookup(sent, &called, wrapper.Params)
		}
	}
	if err != nil {
		return failure(mcp.HEADER_MISMATCH, err.Error())
	}
	return nil
}

// isModern reports whether the header or the body names 2026-07-28 or later.
func (m message) isModern() bool {
	return m.modern || mcp.IsModernProtocol(m.Params.Meta.ProtocolVersion)
}

// withParamHeaders returns the tools of s that have arguments which clients also send as
// headers (x-mcp-header), by name.
func withParamHeaders(s *server.MCPServer) map[string]mcp.Tool {
	found := map[string]mcp.Tool{}
	for name, t := range s.ListTools() {
		if len(mcp.ExtractParamHeaderBindings(&t.Tool)) > 0 {
			found[name] = t.Tool
		}
	}
	return found
}

// failure returns a JSON-RPC error.
func failure(code int, text string) mcp.JSONRPCMessage {
	return mcp.NewJSONRPCError(mcp.RequestId{}, code, text, nil) // encode sets the id
}
