package mcpserver

import (
	"bytes"
	"encoding/json"

	"github.com/mark3labs/mcp-go/mcp"
)

// withoutSchema returns a definition for mcp-go, with an empty input schema. At every
// tools/call, mcp-go encodes and decodes the tool's schema to find parameters that are
// sent as headers (x-mcp-header), which takes a twelfth of a call's CPU time. A schema
// that may have such parameters is kept. [scope.filterTools] restores the schemas for
// tools/list.
func withoutSchema(t mcp.Tool) mcp.Tool {
	if len(t.RawInputSchema) == 0 || mayHaveHeaders(t.RawInputSchema) {
		return t
	}
	t.RawInputSchema = json.RawMessage(`{"type":"object"}`)
	return t
}

// mayHaveHeaders reports whether a schema may have the annotation x-mcp-header, which
// mcp-go reads in any case. Escapes may hide it.
func mayHaveHeaders(schema []byte) bool {
	return bytes.Contains(bytes.ToLower(schema), []byte("x-mcp-header")) || bytes.Contains(schema, []byte(`\u`))
}
