package tool_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/test/tooltypes"
)

// property returns the schema of v.
func property(t *testing.T, schema json.RawMessage) string {
	t.Helper()
	var s struct {
		Properties struct{ V json.RawMessage } `json:"properties"`
	}
	if err := json.Unmarshal(schema, &s); err != nil {
		t.Fatal(err)
	}
	return string(s.Properties.V)
}

func TestTypes(t *testing.T) {
	table := tooltypes.Table()
	if len(table) < 60 {
		t.Errorf("%d types, want at least 60", len(table))
	}
	for _, c := range table {
		t.Run(c.Name, func(t *testing.T) {
			if err := c.Tool.Err(); err != nil {
				t.Fatal(err)
			}
			d := c.Tool.Definition()
			if got := property(t, d.RawInputSchema); got != c.Schema {
				t.Errorf("argument schema\n%s, want\n%s", got, c.Schema)
			}
			output := c.Output
			if output == "" {
				output = c.Schema
			}
			if got := property(t, d.RawOutputSchema); got != output {
				t.Errorf("result schema\n%s, want\n%s", got, output)
			}
			checkRoundTrip(t, c)
			checkStandard(t, c)
		})
	}
}

// checkRoundTrip sends the value as an argument to a tool that returns it.
func checkRoundTrip(t *testing.T, c tooltypes.Case) {
	t.Helper()
	want := `{"v":` + c.JSON + `}`
	params := mcp.CallToolParams{Name: c.Name, RawArguments: json.RawMessage(want)}
	result, err := c.Tool.Handle(t.Context(), mcp.CallToolRequest{Params: params})
	if err != nil || result.IsError {
		t.Fatalf("arguments %s: %+v, %v", want, result, err)
	}
	if !reflect.DeepEqual(c.Decoded(), c.Value()) {
		t.Errorf("arguments %s: decoded %#v, want %#v", want, c.Decoded(), c.Value())
	}
	content, _ := mcp.AsTextContent(result.Content[0])
	if content == nil || content.Text != want {
		t.Errorf("result %+v, want %s", result.Content, want)
	}
}

// checkStandard compares with what encoding/json reads and writes.
func checkStandard(t *testing.T, c tooltypes.Case) {
	t.Helper()
	std := c.Std
	if std == "" {
		std = c.JSON
	}
	std = `{"v":` + std + `}`
	if written, err := c.Marshal(); err != nil || written != std {
		t.Errorf("encoding/json writes %s, %v, want %s", written, err, std)
	}
	read, err := c.Reference(std)
	if err != nil || !reflect.DeepEqual(read, c.Value()) {
		t.Errorf("encoding/json reads %#v, %v, want %#v", read, err, c.Value())
	}
}
