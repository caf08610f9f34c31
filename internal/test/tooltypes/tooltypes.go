// Package tooltypes has a tool for each kind of Go type that people use in
// arguments and results, with the schema and the JSON that are expected of it.
// Its tests compare them with encoding/json; the interop tests have foreign
// clients check the results.
package tooltypes

import (
	"context"
	"encoding/json"
	"strings"

	"serverless-mcp/internal/tool"
)

// Case is a type with a value of it.
type Case struct {
	Name   string // of the tool, too
	Schema string // of the argument
	Output string // of the result, if it is another
	JSON   string // the value
	Std    string // what encoding/json writes for the value, if it is something else
	Tool   tool.Tool
	// Returns takes no arguments and returns the value: JavaScript clients cannot
	// send every number.
	Returns tool.Tool

	// Value returns the value, Decoded what the tool got in its last call, and
	// Reference what encoding/json reads from text.
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

// Optional is [Argument] for types that are pointers or may be left out.
type Optional[T any] struct {
	V T `json:"v,omitempty" doc:"x"`
}

// Nonzero is [Argument] for types that are left out if they are zero.
type Nonzero[T any] struct {
	V T `json:"v,omitzero" doc:"x"`
}

func of[T any](name string, value T, schema, text string) Case {
	return around(name, Argument[T]{value}, schema, text)
}

func optional[T any](name string, value T, schema, text string) Case {
	return around(name, Optional[T]{value}, schema, text)
}

func nonzero[T any](name string, value T, schema, text string) Case {
	return around(name, Nonzero[T]{value}, schema, text)
}

// around makes the case of a struct with the field V.
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

// std returns the case for a value that encoding/json writes in another way.
func (c Case) std(text string) Case {
	c.Std = text
	return c
}
