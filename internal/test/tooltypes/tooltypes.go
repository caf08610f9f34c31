// Package tooltypes has a tool for each kind of Go type that people use in arguments and
// results, with the expected schema and JSON. Tests compare them with encoding/json; the
// interop tests let third-party clients check the results.
package tooltypes

import (
	"context"
	"encoding/json"
	"strings"

	"serverless-mcp/internal/tool"
)

// Case is a type and a value of the type.
type Case struct {
	Name   string // also the tool's name
	Schema string // of the argument
	Output string // schema of the result, if it differs
	JSON   string // the value
	Std    string // the value as encoding/json writes it, if it differs
	Tool   tool.Tool
	// Returns takes no arguments and returns the value: JavaScript clients cannot
	// send every number.
	Returns tool.Tool

	// Value returns the value, Decoded the argument of the tool's last call, and Reference
	// what encoding/json decodes from text.
	Value     func() any
	Decoded   func() any
	Reference func(text string) (any, error)
	// Marshal writes the value with encoding/json, without escapes for HTML.
	Marshal func() (string, error)
}

// Argument is the struct around every type of the table.
type Argument[T any] struct {
	V T `json:"v" doc:"x"`
}

// Optional is like [Argument], for pointers and types that may be omitted.
type Optional[T any] struct {
	V T `json:"v,omitempty" doc:"x"`
}

// Nonzero is like [Argument], for types that are omitted if they are zero.
type Nonzero[T any] struct {
	V T `json:"v,omitzero" doc:"x"`
}

func required[T any](name string, value T, schema, text string) Case {
	return around(name, Argument[T]{value}, schema, text)
}

func optional[T any](name string, value T, schema, text string) Case {
	return around(name, Optional[T]{value}, schema, text)
}

func nonzero[T any](name string, value T, schema, text string) Case {
	return around(name, Nonzero[T]{value}, schema, text)
}

// around returns the case of a struct with the field V.
func around[S any](name string, value S, schema, text string) Case {
	var got S
	info := tool.Info{Name: name, Description: "Returns its argument.", ReadOnly: true, Idempotent: true}
	return Case{
		Name: name, Schema: schema, JSON: text,
		Tool: tool.New(info, func(_ context.Context, in S) (S, error) {
			got = in
			return in, nil
		}),
		Returns: tool.New(info, func(context.Context, struct{}) (S, error) { return value, nil }),
		Value:   func() any { return value },
		Decoded: func() any { return got },
		Reference: func(text string) (any, error) {
			var in S
			err := json.Unmarshal([]byte(text), &in)
			return in, err
		},
		Marshal: func() (string, error) { return marshal(&value) },
	}
}

func marshal(value any) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(value)
	return strings.TrimSpace(b.String()), err
}

// output returns the case with another schema for results.
func (c Case) output(schema string) Case {
	c.Output = schema
	return c
}

// std returns the case with another text of encoding/json for the value.
func (c Case) std(text string) Case {
	c.Std = text
	return c
}
