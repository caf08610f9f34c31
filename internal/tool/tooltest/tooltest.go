// Package tooltest calls tools in tests as a client does.
package tooltest

import (
	"encoding/json"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/tool"
)

// Call calls a tool with arguments as JSON. It returns the text that the model reads,
// which repeats structured content as JSON, and whether it is a tool error. The test fails
// if the declaration has a mistake or the error is not for the model.
func Call(t testing.TB, tl tool.Tool, arguments string) (text string, isError bool) {
	t.Helper()
	result := Result(t, tl, arguments)
	if len(result.Content) == 0 {
		return "", result.IsError
	}
	content, ok := mcp.AsTextContent(result.Content[0])
	if !ok {
		t.Fatalf("%s(%s) returned %T first, not text", tl.Definition().Name, arguments, result.Content[0])
	}
	return content.Text, result.IsError
}

// Result is like [Call], for results with more than text.
func Result(t testing.TB, tl tool.Tool, arguments string) *mcp.CallToolResult {
	t.Helper()
	if err := tl.Err(); err != nil {
		t.Fatal(err)
	}
	params := mcp.CallToolParams{Name: tl.Definition().Name, RawArguments: json.RawMessage(arguments)}
	result, err := tl.Handle(t.Context(), mcp.CallToolRequest{Params: params})
	if err != nil {
		t.Fatalf("%s(%s): %v", params.Name, arguments, err)
	}
	return result
}
