package tool

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
)

type recursive struct {
	Children []recursive `json:"children" doc:"x"`
}

type stamped struct{ At time.Time }

func (stamped) MarshalJSON() ([]byte, error) { return []byte(`"x"`), nil }

// Every mistake here would otherwise surface only when a model calls the tool.
func TestBadDeclarations(t *testing.T) {
	tests := []struct {
		name string
		tool Tool
		want string
	}{
		{"no doc", declaredWith[struct {
			City string `json:"city"`
		}, string](), "input City: has no doc tag"},
		{"no doc in the output", declaredWith[struct{}, struct {
			City string `json:"city"`
		}](), "output City: has no doc tag"},
		{"no json name", declaredWith[struct {
			City string `doc:"x"`
		}, string](), `input City: needs a name of letters, digits and _, such as json:"city"`},
		{"bad json name", declaredWith[struct {
			City string `json:"the city" doc:"x"`
		}, string](), "input City: needs a name"},
		{"json option", declaredWith[struct {
			A int `json:"a,string" doc:"x"`
		}, string](), `json option "string" is not supported`},
		{"tag of another library", declaredWith[struct {
			A int `json:"a" jsonschema:"required" doc:"x"`
		}, string](), "tag jsonschema has no effect here"},
		{"enum of numbers", declaredWith[struct {
			A int `json:"a" enum:"1,2" doc:"x"`
		}, string](), "enum is for strings"},
		{"enum with a space", declaredWith[struct {
			A string `json:"a" enum:"x, y" doc:"x"`
		}, string](), `enum value " y" is empty or has spaces around it`},
		{"enum value twice", declaredWith[struct {
			A string `json:"a" enum:"x,x" doc:"x"`
		}, string](), `enum value "x" is there twice`},
		{"min is no number", declaredWith[struct {
			A int `json:"a" min:"none" doc:"x"`
		}, string](), `min "none" is not a number`},
		{"max is NaN", declaredWith[struct {
			A float64 `json:"a" max:"NaN" doc:"x"`
		}, string](), `max "NaN" is not a number`},
		{"half a character", declaredWith[struct {
			A string `json:"a" min:"0.5" doc:"x"`
		}, string](), `min "0.5" is not a whole number`},
		{"negative length", declaredWith[struct {
			A []string `json:"a" min:"-1" doc:"x"`
		}, string](), `min "-1" is a length, and less than nothing`},
		{"min of a bool", declaredWith[struct {
			A bool `json:"a" min:"1" doc:"x"`
		}, string](), "min is for numbers, strings and lists"},
		{"min over max", declaredWith[struct {
			A int `json:"a" min:"2" max:"1" doc:"x"`
		}, string](), "min is over max"},
		{"default outside the range", declaredWith[struct {
			A int `json:"a" max:"3" default:"4" doc:"x"`
		}, string](), "default must be a whole number of at most 3, got 4"},
		{"default not in the enum", declaredWith[struct {
			A string `json:"a" enum:"x,y" default:"z" doc:"x"`
		}, string](), `default must be "x" or "y", got "z"`},
		{"default is no JSON", declaredWith[struct {
			A int `json:"a" default:"few" doc:"x"`
		}, string](), `default must be a whole number, got "few"`},
		{"pointer that is required", declaredWith[struct {
			A *int `json:"a" doc:"x"`
		}, string](), "a pointer is for something optional"},
		{"pointers in a list", declaredWith[struct {
			A []*int `json:"a" doc:"x"`
		}, string](), "type *int has no schema"},
		{"any", declaredWith[struct {
			A any `json:"a" doc:"x"`
		}, string](), "type interface {} has no schema"},
		{"float32", declaredWith[struct {
			A float32 `json:"a" doc:"x"`
		}, string](), "type float32 has no schema"},
		{"bytes", declaredWith[struct {
			A []byte `json:"a" doc:"x"`
		}, string](), "bytes are not supported"},
		{"map by number", declaredWith[struct {
			A map[int]string `json:"a" doc:"x"`
		}, string](), "a map needs string keys"},
		{"JSON form of its own", declaredWith[struct {
			A stamped `json:"a" doc:"x"`
		}, string](), "has a JSON form of its own"},
		{"raw JSON", declaredWith[struct {
			A json.RawMessage `json:"a" doc:"x"`
		}, string](), "has a JSON form of its own"},
		{"embedded", declaredWith[struct{ place }, string](), "embedded place is not supported"},
		{"recursive", declaredWith[recursive, string](), "contains itself"},
		{"input is no struct", declaredWith[string, string](), "input: must be a struct, is string"},
		{"output is no struct", declaredWith[struct{}, []string](), "output: must be a struct, is []string"},
		{"no name", New(Info{Description: "x"}, nothing), "the name must be"},
		{"name with a space", New(Info{Name: "a b", Description: "x"}, nothing), "the name must be"},
		{"name that means all tools", New(Info{Name: "*", Description: "x"}, nothing), "the name must be"},
		{"no description", New(Info{Name: "x", Description: " "}, nothing), "it has no description"},
		{"hints at odds", New(Info{Name: "x", Description: "x", ReadOnly: true, Destructive: true}, nothing), "both read-only and destructive"},
		{"bad setting", New(Info{Name: "x", Description: "x"}, nothing).WithProblem(errors.New("TOOL_X is no URL")), "TOOL_X is no URL"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.tool.Err()
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// These structs are made here because go vet would not let them stand in the
// source. reflect finds no tag behind a malformed one.
func TestTagsThatVetRefuses(t *testing.T) {
	tests := []struct{ first, second, want string }{
		{`json:"a" doc:"x"`, `json:"b"  doc:"a \"b\""`, ""},
		{`json:"a" doc:"x"`, `json:"a" doc:"x"`, `input: two fields are called "a"`},
		{`json:"a" doc:"x"`, `json:"b"doc:"x"`, "input B: malformed tag"},
		{`json:"a" doc:"x"`, `json:"b" doc:"x" min: "1"`, "input B: malformed tag"},
		{`json:"a" doc:"x"`, `json:"b", doc:"x"`, "input B: malformed tag"},
	}
	for _, tt := range tests {
		b := builder{}
		b.root(reflect.StructOf([]reflect.StructField{
			{Name: "A", Type: reflect.TypeFor[string](), Tag: reflect.StructTag(tt.first)},
			{Name: "B", Type: reflect.TypeFor[string](), Tag: reflect.StructTag(tt.second)},
		}), "input")
		if got := strings.Join(b.problems, "; "); !strings.HasPrefix(got, tt.want) || (got == "") != (tt.want == "") {
			t.Errorf("tags %s and %s: %q, want %q", tt.first, tt.second, got, tt.want)
		}
	}
}

func TestAllProblemsAreReported(t *testing.T) {
	bad := declaredWith[struct {
		A any    `json:"a"`
		B string `json:"b" min:"x" doc:"x"`
	}, struct {
		C string `json:"c"`
	}]()
	err := Set{Tools: []Tool{bad, bad}}.Check()
	want := `tools: tool "fixture": input A: type interface {} has no schema; use string, bool, float64, an integer, time.Time, ` +
		`a struct, slice or map (a pointer only for an optional field); input A: has no doc tag to say what it means; ` +
		`input B: min "x" is not a number; output C: has no doc tag to say what it means; ` +
		`tool "fixture" is declared twice; tool "fixture": input A:`
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error\n%v, want\n%s …", err, want)
	}
}

func nothing(context.Context, struct{}) (*mcp.CallToolResult, error) { return nil, nil }
