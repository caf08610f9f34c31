package tool

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mark3labs/mcp-go/mcp"
)

type blanks struct {
	City string `json:"city" min:"1" doc:"a place"`
	Tone string `json:"tone" enum:"dry,warm" default:"dry" doc:"how it sounds"`
}

func fixturePrompt[Out any](fn func(blanks) Out) Prompt {
	info := PromptInfo{Name: "x", Title: "X", Description: "does x", Needs: "fixture"}
	return NewPrompt(info, func(_ context.Context, in blanks) (Out, error) { return fn(in), nil })
}

func TestPromptDefinition(t *testing.T) {
	got := fixturePrompt(func(blanks) string { return "" }).Definition()
	want := mcp.Prompt{Name: "x", Title: "X", Description: "does x", Arguments: []mcp.PromptArgument{
		{Name: "city", Description: "a place", Required: true},
		{Name: "tone", Description: "how it sounds"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("definition (-want +got):\n%s", diff)
	}
}

func TestPrompt(t *testing.T) {
	hello := mcp.NewPromptMessage(mcp.RoleAssistant, mcp.NewTextContent("hello"))
	own := mcp.NewGetPromptResult("own", []mcp.PromptMessage{hello})
	tests := []struct {
		name      string
		prompt    Prompt
		arguments map[string]string
		want      *mcp.GetPromptResult
		err       string
	}{
		{"text, with a default", fixturePrompt(func(in blanks) string { return in.City + ", " + in.Tone }), map[string]string{"city": "Rome"},
			mcp.NewGetPromptResult("does x", []mcp.PromptMessage{mcp.NewPromptMessage(mcp.RoleUser, mcp.NewTextContent("Rome, dry"))}), ""},
		{"messages", fixturePrompt(func(blanks) []mcp.PromptMessage { return []mcp.PromptMessage{hello} }), map[string]string{"city": "Rome"},
			mcp.NewGetPromptResult("does x", []mcp.PromptMessage{hello}), ""},
		{"as it is", fixturePrompt(func(blanks) *mcp.GetPromptResult { return own }), map[string]string{"city": "Rome"}, own, ""},
		{"every bad argument", fixturePrompt(func(blanks) string { return "" }), map[string]string{"tone": "wet", "town": "Rome"}, nil,
			`city is missing; tone must be "dry" or "warm", or be left out, got "wet"; town is unknown; known: city, tone`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.prompt.Err(); err != nil {
				t.Fatal(err)
			}
			request := mcp.GetPromptRequest{Params: mcp.GetPromptParams{Name: "x", Arguments: tt.arguments}}
			got, err := tt.prompt.Get(context.Background(), request)
			if text, _ := ForModel(err); text != tt.err || (tt.err == "") != (err == nil) {
				t.Fatalf("error %v, want %q", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
		})
	}
}
