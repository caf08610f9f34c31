package mcplambda

import (
	"context"
	"strings"
	"testing"

	"serverless-mcp/internal/tool"
	"serverless-mcp/tools"
)

// A function with an invalid job does not start, like the MCP function.
func TestJobRejectsMistakes(t *testing.T) {
	getenv := func(string) string { return "" }
	for _, tt := range []struct {
		description, want string
	}{
		{"", "description"},
		{"Fine.", ""},
	} {
		handler, err := Job(getenv, func(tools.Config) tool.Set {
			return tool.Set{Tools: []tool.Tool{tool.NewJob(tool.Info{Name: "x", Description: tt.description},
				func(context.Context, struct{}) (string, error) { return "", nil })}}
		})
		if tt.want == "" && (err != nil || handler == nil) || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("description %q: error %v, want %q", tt.description, err, tt.want)
		}
	}
}
