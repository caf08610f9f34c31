package tool

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
)

// A tool asks the user, and gets the response when it is called again.
func TestConfirm(t *testing.T) {
	tl := New(Info{Name: "x", Description: "x", Destructive: true}, func(ctx context.Context, _ struct{}) (*mcp.CallToolResult, error) {
		agreed, answered := Confirmed(ctx)
		switch {
		case !answered:
			return Confirm("Delete it?"), nil
		case !agreed:
			return nil, Errorf("the user did not agree")
		}
		return mcp.NewToolResultText("deleted"), nil
	})
	tests := []struct{ name, response, want string }{
		{"not asked yet", "", `"resultType":"input_required"`},
		{"agreed", `{"action":"accept","content":{"confirm":true}}`, "deleted"},
		{"box not ticked", `{"action":"accept","content":{"confirm":false}}`, "the user did not agree"},
		{"declined", `{"action":"decline"}`, "the user did not agree"},
		{"declined with content", `{"action":"decline","content":{"confirm":true}}`, "the user did not agree"},
		{"another type", `{"action":"accept","content":{"confirm":"true"}}`, "the user did not agree"},
		{"not a response", `5`, `"resultType":"input_required"`},
	}
	for _, tt := range tests {
		params := `{"name":"x","arguments":{}`
		if tt.response != "" {
			params += `,"inputResponses":{"confirm":` + tt.response + `}`
		}
		var request mcp.CallToolRequest
		if err := json.Unmarshal([]byte(params+"}"), &request.Params); err != nil {
			t.Fatal(err)
		}
		result, err := tl.Handle(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(result)
		if err != nil || !strings.Contains(string(text), tt.want) {
			t.Errorf("%s: %s, %v, want %s", tt.name, text, err, tt.want)
		}
	}
	if _, answered := Confirmed(t.Context()); answered {
		t.Error("answered without a call")
	}
}
