package tool

import (
	"context"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	fixture := declaredWith[struct{}, string]()
	none := func(context.Context) (string, error) { return "", nil }
	noText := func(context.Context, struct{}) (string, error) { return "", nil }
	numbers := func(context.Context, struct {
		N int `json:"n" doc:"x"`
	}) (string, error) {
		return "", nil
	}
	tests := []struct {
		name string
		set  Set
		want string // "" means no error
	}{
		{"empty", Set{}, ""},
		{"one of each", Set{
			Tools:     []Tool{fixture},
			Resources: []Resource{fixtureResource("")},
			Templates: []Template{fixtureTemplate("lib://{shelf}/{book}", nil)},
			Prompts:   []Prompt{fixturePrompt(func(blanks) string { return "" })},
		}, ""},
		{"resource without its tool", Set{Resources: []Resource{fixtureResource("")}},
			`resource "x" requires tool "fixture", which is not registered`},
		{"template without its tool", Set{Templates: []Template{fixtureTemplate("lib://{shelf}/{book}", nil)}},
			`template "x" requires tool "fixture", which is not registered`},
		{"prompt that needs nothing", Set{Prompts: []Prompt{NewPrompt(PromptInfo{Name: "x", Description: "x"}, noText)}},
			`prompt "x" requires tool "", which is not registered`},
		{"names twice", Set{Tools: []Tool{fixture, fixture}}, `tool "fixture" is declared twice`},
		{"addresses twice", Set{Tools: []Tool{fixture}, Resources: []Resource{fixtureResource(""), fixtureResource("")}},
			`URI "fixture://x" is declared twice`},
		{"resource names twice", Set{Resources: []Resource{
			NewResource(ResourceInfo{URI: "a:x", Name: "x", Description: "x"}, none), NewResource(ResourceInfo{URI: "b:x", Name: "x", Description: "x"}, none),
		}}, `resource "x" is declared twice`},
		{"no address", Set{Resources: []Resource{NewResource(ResourceInfo{URI: "x", Name: "x", Description: "x"}, none)}},
			`resource "x": "x" is not a URI with a scheme`},
		{"half an address", Set{Resources: []Resource{NewResource(ResourceInfo{URI: "http://[::1", Name: "x", Description: "x"}, none)}},
			`resource "http://[::1": "http://[::1" is not a URI with a scheme`},
		{"no template", Set{Templates: []Template{fixtureTemplate("lib://{shelf}/{book", nil)}},
			`"lib://{shelf}/{book" is not a URI template`},
		{"variable without a field", Set{Templates: []Template{fixtureTemplate("lib://{shelf}/{book}/{page}", nil)}},
			`input: has no field for the variable "page"`},
		{"field without a variable", Set{Templates: []Template{fixtureTemplate("lib://{shelf}", nil)}},
			`input: "book" is not a variable of lib://{shelf}`},
		{"completion of nothing", Set{Templates: []Template{fixtureTemplate("lib://{shelf}/{book}", map[string]Completer{"page": nil})}},
			`completion: "page" is not an argument`},
		{"prompt with a number", Set{Prompts: []Prompt{NewPrompt(PromptInfo{Name: "x", Description: "x"}, numbers)}},
			"input N: must be a string here"},
		{"prompt of the wrong type", Set{Prompts: []Prompt{fixturePrompt(func(blanks) int { return 0 })}},
			"output: must be string, []mcp.PromptMessage or *mcp.GetPromptResult, is int"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.set.Check()
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}
