package mcpserver_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// TestLibraryValidationFailsClosed turns mcp-go's own validation on, whose JSON
// Schema library is replaced in go.mod: it must refuse every call rather than
// let all pass.
func TestLibraryValidationFailsClosed(t *testing.T) {
	for name, option := range map[string]server.ServerOption{
		"input":  server.WithInputSchemaValidation(),
		"output": server.WithOutputSchemaValidation(),
	} {
		t.Run(name, func(t *testing.T) {
			s := server.NewMCPServer("fixture", "1.0.0", option)
			open := json.RawMessage(`{"type":"object"}`)
			definition := mcp.Tool{Name: "open", RawInputSchema: open, RawOutputSchema: open}
			s.AddTool(definition, func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
				return mcp.NewToolResultStructured(map[string]any{"secret": 1}, "secret"), nil
			})
			call := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"open","arguments":{}}}`
			answer, err := json.Marshal(s.HandleMessage(context.Background(), json.RawMessage(call)))
			if err != nil {
				t.Fatal(err)
			}
			if got := string(answer); strings.Contains(got, "secret") || !strings.Contains(got, "not linked in") {
				t.Errorf("a call with validation by a library that is not there got %s", got)
			}
		})
	}
}
