package interop_test

import (
	"context"
	"encoding/json"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/tool"
)

// brokenResult returns a tool whose result violates its output schema. Only tool.Raw allows
// that.
func brokenResult() tool.Tool {
	definition := mcp.NewTool("broken_result", mcp.WithDescription("x"))
	definition.RawOutputSchema = json.RawMessage(`{"type":"object","properties":{"v":{"type":"integer"}},"required":["v"]}`)
	return tool.Raw(definition, func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultStructured(map[string]any{"v": "text"}, "text"), nil
	})
}
