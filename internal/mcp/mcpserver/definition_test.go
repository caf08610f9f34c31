package mcpserver_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/tool"
)

// A parameter that is sent as a header, too, must be the same in both, however its schema
// writes the annotation. tools/list has the schema of every tool as it was declared.
func TestParamHeaders(t *testing.T) {
	schemas := map[string]string{
		"plain":  `{"type":"object","properties":{"city":{"type":"string"}}}`,
		"header": `{"type":"object","properties":{"city":{"type":"string","x-mcp-header":"City"}}}`,
		"upper":  `{"type":"object","properties":{"city":{"type":"string","X-MCP-Header":"City"}}}`,
		"escape": `{"type":"object","properties":{"city":{"type":"string","x-\u006dcp-header":"City"}}}`,
		"nested": `{"type":"object","properties":{"to":{"type":"object","properties":{"city":{"type":"string","x-mcp-header":"City"}}}}}`,
	}
	structured := mcp.NewTool("structured", mcp.WithDescription("A fixture."), mcp.WithString("city", func(schema map[string]any) { schema["x-mcp-header"] = "City" }))
	set := tool.Set{Tools: []tool.Tool{tool.Raw(structured, done)}}
	for name, schema := range schemas {
		set.Tools = append(set.Tools, tool.Raw(mcp.NewToolWithRawSchema(name, "A fixture.", json.RawMessage(schema)), done))
	}
	r := newRig(t, set)
	for _, declared := range set.Tools {
		name := declared.Definition().Name
		arguments := map[string]any{"city": "Rome"}
		if name == "nested" {
			arguments = map[string]any{"to": arguments}
		}
		params := map[string]any{"name": name, "arguments": arguments}
		status, body := r.do(t, request{caller: everyone}, "tools/call", params)
		if want := map[bool]int{true: http.StatusOK, false: http.StatusBadRequest}[name == "plain"]; status != want {
			t.Errorf("%s without the header: status %d, want %d: %s", name, status, want, body)
		}
	}
	_, list := r.do(t, request{caller: everyone}, "tools/list", nil)
	for name, schema := range schemas {
		if !strings.Contains(list, strings.ReplaceAll(schema, `\u006d`, "m")) && !strings.Contains(list, schema) {
			t.Errorf("tools/list lacks the schema of %s: %s", name, list)
		}
	}
}

func done(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	return mcp.NewToolResultText("done"), nil
}
