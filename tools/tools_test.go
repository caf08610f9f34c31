package tools

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/test/golden"
	"serverless-mcp/internal/tool"
)

// All declarations are valid.
func TestAll(t *testing.T) {
	if err := All(Config{}).Check(); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkAll measures what the declarations add to every cold start.
func BenchmarkAll(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		All(Config{})
	}
}

func TestConfigDefaults(t *testing.T) {
	cfg := Config{}.withDefaults()
	if got := cfg.Setting("TOOL_X"); got != "" {
		t.Errorf("setting %q, want none", got)
	}
	if _, err := cfg.Secret(t.Context(), "TOOL_SECRET_X"); err == nil {
		t.Error("Secret returned a value, want an error")
	}
	if cfg.Runtime.Started.IsZero() || cfg.Runtime.Invocations() != 0 {
		t.Errorf("runtime %+v, want the start and no invocations", cfg.Runtime)
	}
}

// setting returns a Config.Setting with the given values.
func setting(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

// call runs a tool with arguments as a client sends them. It returns the text of
// the result, which repeats structured content as JSON.
func call(t testing.TB, tl tool.Tool, arguments string) (text string, isError bool) {
	t.Helper()
	if err := tl.Err(); err != nil {
		t.Fatal(err)
	}
	params := mcp.CallToolParams{Name: tl.Definition().Name, RawArguments: json.RawMessage(arguments)}
	result, err := tl.Handle(context.Background(), mcp.CallToolRequest{Params: params})
	if err != nil {
		t.Fatalf("%s(%s): %v", params.Name, arguments, err)
	}
	content, ok := mcp.AsTextContent(result.Content[0])
	if !ok {
		t.Fatalf("%s(%s): content %+v, want text", params.Name, arguments, result.Content)
	}
	return content.Text, result.IsError
}

// checkDefinition compares the tool's definition, which models read, with the
// file in testdata, so that a change shows in review.
func checkDefinition(t *testing.T, tl tool.Tool) {
	t.Helper()
	if err := tl.Err(); err != nil {
		t.Fatal(err)
	}
	golden.CheckJSON(t, "testdata/"+tl.Definition().Name+".json", tl.Definition())
}
