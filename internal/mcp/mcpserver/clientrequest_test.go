package mcpserver_test

import (
	"context"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/tool"
)

// inputRequests returns one request of each kind.
func inputRequests() *server.InputRequestBuilder {
	return server.NewInputRequestBuilder("state").
		Elicit("sure", mcp.ElicitationParams{Message: "sure?", RequestedSchema: map[string]any{"type": "object"}}).
		Sample("model", mcp.CreateMessageParams{MaxTokens: 1}).
		Roots("roots")
}

// A client of 2026-07-28 gets only requests for which the same call declares the
// capability.
func TestInputRequestsNeedTheCapability(t *testing.T) {
	type object = map[string]any
	r := newRig(t, tool.Set{
		Tools: []tool.Tool{define("ask", func(context.Context, struct{}) (*mcp.CallToolResult, error) {
			return inputRequests().ToolResult(), nil
		})},
		Prompts: []tool.Prompt{tool.RawPrompt(mcp.NewPrompt("ask"), "ask", func(context.Context, mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
			return inputRequests().PromptResult(), nil
		})},
	})
	tests := []struct {
		declared object
		missing  string // "" means that the requests arrive
	}{
		{object{"elicitation": object{}, "sampling": object{}, "roots": object{}}, ""},
		{object{}, "elicitation"},
		{object{"elicitation": object{}, "roots": object{}}, "sampling"},
		{object{"elicitation": object{}, "sampling": object{}}, "roots"},
	}
	for _, method := range []string{"tools/call", "prompts/get"} {
		for _, tt := range tests {
			how := request{caller: everyone, meta: object{mcp.MetaKeyClientCapabilities: tt.declared}}
			status, body := r.do(t, how, method, object{"name": "ask"})
			wantStatus, want := 200, `"requestState":"state"`
			if tt.missing != "" {
				wantStatus, want = 400, `"code":-32021,"message":"missing required client capability: \"`+tt.missing+`\"","data":{"requiredCapabilities":{"`+tt.missing+`":{}}}`
			}
			if status != wantStatus || !strings.Contains(body, want) {
				t.Errorf("%s, declared %v: %d %s\nwant %d with %s", method, tt.declared, status, body, wantStatus, want)
			}
		}
	}
	_, body := r.do(t, request{caller: everyone, legacy: true}, "prompts/get", object{"name": "ask"})
	if !strings.Contains(body, "needs a response from the client") {
		t.Errorf("legacy prompt: %s, want an error with the reason", body)
	}
}

// A capability is needed only for requests of its kind.
func TestOneInputRequestNeedsOneCapability(t *testing.T) {
	type object = map[string]any
	for capability, b := range map[string]*server.InputRequestBuilder{
		"elicitation": server.NewInputRequestBuilder("").Elicit("a", mcp.ElicitationParams{Message: "sure?", RequestedSchema: object{"type": "object"}}),
		"sampling":    server.NewInputRequestBuilder("").Sample("a", mcp.CreateMessageParams{MaxTokens: 1}),
		"roots":       server.NewInputRequestBuilder("").Roots("a"),
	} {
		r := newRig(t, tool.Set{Tools: []tool.Tool{define("ask", func(context.Context, struct{}) (*mcp.CallToolResult, error) { return b.ToolResult(), nil })}})
		how := request{caller: everyone, meta: object{mcp.MetaKeyClientCapabilities: object{capability: object{}}}}
		if status, body := r.do(t, how, "tools/call", object{"name": "ask"}); status != 200 || !strings.Contains(body, `"inputRequests"`) {
			t.Errorf("%s: %d %s", capability, status, body)
		}
	}
}
