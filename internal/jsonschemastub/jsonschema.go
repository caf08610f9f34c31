// Package jsonschema stands in for the JSON Schema library that mcp-go links in
// to validate the arguments and results of tools; go.mod has a replace line
// for it. The real one reads the metaschemas of five drafts when the program
// starts, used or not: 3.5 of the 11 ms of CPU time that a cold start took,
// and with the garbage that it leaves, half of it.
//
// Ours are validated by internal/tool, in words for the model, so mcp-go's
// validation stays off. Whoever turns it on (WithInputSchemaValidation,
// WithOutputSchemaValidation) finds that every call is refused, and takes the
// replace line out of go.mod: nothing else depends on it.
package jsonschema

import (
	"errors"
	"io"
)

var errStub = errors.New("JSON Schema validation is not linked in: see internal/jsonschemastub")

// mcp-go skips the validation by a schema that it cannot read. So everything
// goes well up to Validate, and that refuses.

// UnmarshalJSON reads nothing.
func UnmarshalJSON(io.Reader) (any, error) { return nil, nil }

// Compiler compiles nothing.
type Compiler struct{}

// NewCompiler makes a compiler.
func NewCompiler() *Compiler { return &Compiler{} }

// AddResource does nothing.
func (*Compiler) AddResource(string, any) error { return nil }

// Compile makes a schema that nothing fits.
func (*Compiler) Compile(string) (*Schema, error) { return &Schema{}, nil }

// Schema is one that nothing fits.
type Schema struct{}

// Validate refuses every value.
func (*Schema) Validate(any) error { return errStub }

// ValidationError is never returned; mcp-go reads its fields.
type ValidationError struct {
	InstanceLocation []string
	ErrorKind        any
	Causes           []*ValidationError
}

// Error implements error.
func (*ValidationError) Error() string { return errStub.Error() }
