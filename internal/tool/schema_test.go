package tool

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/test/golden"
)

// The golden file shows what a client gets: the order of the properties, every keyword,
// all four hints, an input schema that is closed and an output schema that is open.
func TestDefinition(t *testing.T) {
	tl := declaredWith[everything, everything]()
	if err := tl.Err(); err != nil {
		t.Fatal(err)
	}
	golden.CheckJSON(t, "testdata/definition.json", tl.Definition())
}

func TestDefinitionWithoutArguments(t *testing.T) {
	d := declaredWith[struct{}, string]().Definition()
	want := `{"type":"object","properties":{},"required":[],"additionalProperties":false}`
	if got := string(d.RawInputSchema); got != want {
		t.Errorf("input schema %s, want %s", got, want)
	}
	if d.RawOutputSchema != nil {
		t.Errorf("output schema %s, want none for text", d.RawOutputSchema)
	}
}

func TestHintsAreStated(t *testing.T) {
	tl := New(Info{Name: "x", Description: "x", Destructive: true, OpenWorld: true},
		func(context.Context, struct{}) (string, error) { return "", nil })
	if err := tl.Err(); err != nil {
		t.Error(err)
	}
	text, err := json.Marshal(tl.Definition().Annotations)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"readOnlyHint":false,"destructiveHint":true,"idempotentHint":false,"openWorldHint":true}`
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("annotations (-want +got):\n%s", diff)
	}
}

func TestNilSlicesAndMapsAreEmpty(t *testing.T) {
	type inner struct {
		Names []string `json:"names" doc:"x"`
	}
	type output struct {
		List   []string         `json:"list" doc:"x"`
		Map    map[string]int   `json:"map" doc:"x"`
		Inner  inner            `json:"inner" doc:"x"`
		Inners []inner          `json:"inners" doc:"x"`
		ByName map[string]inner `json:"by_name" doc:"x"`
		Gone   []string         `json:"gone,omitempty" doc:"x"`
		Opt    *inner           `json:"opt,omitempty" doc:"x"`
	}
	tl := New(Info{Name: "x", Description: "x"}, func(context.Context, struct{}) (output, error) {
		return output{Inners: []inner{{}}, ByName: map[string]inner{"b": {}, "a": {}}, Opt: &inner{}}, nil
	})
	result, err := call(t, tl, "")
	if err != nil {
		t.Fatal(err)
	}
	want := `{"list":[],"map":{},"inner":{"names":[]},"inners":[{"names":[]}],` +
		`"by_name":{"a":{"names":[]},"b":{"names":[]}},"opt":{"names":[]}}`
	if got := text(t, result); got != want {
		t.Errorf("text\n%s, want\n%s", got, want)
	}
	structured, err := json.Marshal(result.StructuredContent)
	if err != nil || string(structured) != want {
		t.Errorf("structured content\n%s, %v, want\n%s", structured, err, want)
	}
}

func TestRawResultIsPassedOn(t *testing.T) {
	image := &mcp.CallToolResult{Content: []mcp.Content{mcp.NewImageContent("aGk=", "image/png")}}
	tl := New(Info{Name: "x", Description: "x"}, func(context.Context, struct{}) (*mcp.CallToolResult, error) { return image, nil })
	if err := tl.Err(); err != nil {
		t.Fatal(err)
	}
	if result, err := call(t, tl, ""); result != image || err != nil {
		t.Errorf("result %+v, %v, want the tool's own", result, err)
	}
}
