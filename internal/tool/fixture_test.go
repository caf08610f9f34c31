package tool

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
)

// everything has a field for each feature of declarations.
type everything struct {
	City     string            `json:"city" min:"1" max:"20" doc:"a place"`
	Unit     string            `json:"unit" enum:"celsius,fahrenheit" default:"celsius" doc:"a unit"`
	Humidity float64           `json:"humidity,omitempty" min:"0" max:"100" doc:"a range"`
	Days     int               `json:"days" min:"1" default:"3" doc:"at least one"`
	Big      int64             `json:"big,omitempty" doc:"any whole number"`
	Port     uint16            `json:"port,omitempty" doc:"what the type can hold"`
	Loud     bool              `json:"loud,omitempty" doc:"yes or no"`
	Since    time.Time         `json:"since,omitempty" doc:"a time"`
	Tags     []string          `json:"tags,omitempty" enum:"new,old" max:"3" doc:"some words"`
	Labels   map[string]string `json:"labels,omitempty" doc:"whatever"`
	Place    *place            `json:"place,omitempty" doc:"nested, and maybe not there"`
	Skipped  string            `json:"-"`
}

type place struct {
	Lat float64 `json:"lat" min:"-90" max:"90" doc:"degrees north"`
	Lon float64 `json:"lon" min:"-180" max:"180" doc:"degrees east"`
}

// declaredWith returns a tool with these input and output types that does nothing.
func declaredWith[In, Out any]() Tool {
	return New(Info{Name: "fixture", Description: "A fixture."}, func(context.Context, In) (out Out, err error) { return out, nil })
}

// call runs a tool with arguments as they are sent on the wire.
func call(t *testing.T, tl Tool, arguments string) (*mcp.CallToolResult, error) {
	t.Helper()
	params := mcp.CallToolParams{Name: "fixture", RawArguments: json.RawMessage(arguments)}
	return tl.Handle(context.Background(), mcp.CallToolRequest{Params: params})
}

func text(t *testing.T, result *mcp.CallToolResult) string {
	t.Helper()
	if result == nil || len(result.Content) != 1 {
		t.Fatalf("result %+v, want one content", result)
	}
	content, ok := mcp.AsTextContent(result.Content[0])
	if !ok {
		t.Fatalf("content %T, want text", result.Content[0])
	}
	return content.Text
}
