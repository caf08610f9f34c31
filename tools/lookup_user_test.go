package tools

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mark3labs/mcp-go/mcp"
)

func TestLookupUserDefinition(t *testing.T) { checkDefinition(t, lookupUser(Config{}.withDefaults())) }

func TestLookupUser(t *testing.T) {
	tests := []struct {
		arguments, want string
		isError         bool
	}{
		{`{"user_id":"u-1001"}`,
			`{"user_id":"u-1001","name":"Ada Byron","email":"ada@example.com","department":"Engineering","active":true,"source":"sample"}`, false},
		{`{"user_id":"u-9"}`, `there is no user "u-9"; ids have the form u-1001, the letter u and four digits`, true},
		{`{"user_id":1001}`, `user_id must be a string of 1 to 64 characters, got 1001`, true},
	}
	tl := lookupUser(Config{}.withDefaults())
	for _, tt := range tests {
		if got, isError := call(t, tl, tt.arguments); got != tt.want || isError != tt.isError {
			t.Errorf("%s: %s (error %v), want %s", tt.arguments, got, isError, tt.want)
		}
	}
}

func TestUserTemplate(t *testing.T) {
	template := userTemplate(Config{}.withDefaults())
	if template.Err() != nil || template.Needs() != "lookup_user" {
		t.Fatalf("template needs %q, %v", template.Needs(), template.Err())
	}
	completion, err := template.Complete(t.Context(), mcp.CompleteArgument{Name: "id", Value: "U-100"}, nil)
	want := &mcp.Completion{Values: []string{"u-1001", "u-1002", "u-1003", "u-1004"}, Total: 4}
	if diff := cmp.Diff(want, completion); err != nil || diff != "" {
		t.Errorf("completion: %v (-want +got):\n%s", err, diff)
	}
	found := map[string]any{"id": []string{"u-1002"}} // as mcp-go matches it
	request := mcp.ReadResourceRequest{Params: mcp.ReadResourceParams{URI: "user://u-1002", Arguments: found}}
	contents, err := template.Read(t.Context(), request)
	if err != nil || len(contents) != 1 {
		t.Fatalf("contents %+v, %v", contents, err)
	}
	text, _ := call(t, lookupUser(Config{}.withDefaults()), `{"user_id":"u-1002"}`)
	if got, _ := mcp.AsTextResourceContents(contents[0]); got.Text != text || got.URI != "user://u-1002" {
		t.Errorf("contents %+v, want what the tool returns, %s", got, text)
	}
}
