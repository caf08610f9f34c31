package tool

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/mark3labs/mcp-go/mcp"
)

// Result is structured content with additional content. Make one with [WithContent].
type Result[T any] struct {
	structured T
	content    []Content
}

// WithContent returns a result with content, such as an image, in addition to the
// structured content. A tool whose output is a [Result] of T has the output schema of T;
// if T is string, the result is text and content.
func WithContent[T any](structured T, content ...Content) Result[T] {
	return Result[T]{structured: structured, content: content}
}

// carrier is implemented by every [Result].
type carrier interface {
	structuredType() reflect.Type
	structuredValue() reflect.Value // addressable
	contents() []Content
}

func (r *Result[T]) structuredType() reflect.Type   { return reflect.TypeFor[T]() }
func (r *Result[T]) structuredValue() reflect.Value { return reflect.ValueOf(&r.structured).Elem() }
func (r *Result[T]) contents() []Content            { return r.content }

// outputType returns the type of the structured content that a function returns.
func outputType[Out any]() reflect.Type {
	var out Out
	if c, ok := any(&out).(carrier); ok {
		return c.structuredType()
	}
	return reflect.TypeFor[Out]()
}

// success makes the result of a call that returned no error. out points to the value that
// the function returned.
func success(s *schema, out any) (*mcp.CallToolResult, error) {
	var more []Content
	value := reflect.ValueOf(out).Elem()
	if c, ok := out.(carrier); ok {
		value, more = c.structuredValue(), c.contents()
	}
	var result *mcp.CallToolResult
	if s != nil && value.Kind() == reflect.Pointer && value.IsNil() {
		return nil, errors.New("the tool's function returned a nil pointer and no error")
	}
	switch out := value.Addr().Interface().(type) {
	case **mcp.CallToolResult:
		return *out, nil // the server reports nil as an internal error
	case *Content:
		result, more = &mcp.CallToolResult{}, []Content{*out}
	case *[]Content:
		result, more = &mcp.CallToolResult{Content: []mcp.Content{}}, *out
	case *string:
		result = mcp.NewToolResultText(*out)
	default:
		text, err := encode(s, value)
		if err != nil {
			return nil, fmt.Errorf("encode the result: %w", err)
		}
		result = mcp.NewToolResultStructured(json.RawMessage(text), string(text))
	}
	for i, c := range more {
		content, err := c.wire()
		if err != nil {
			return nil, fmt.Errorf("encode the result: content %d: %w", i, err)
		}
		result.Content = append(result.Content, content)
	}
	return result, nil
}
