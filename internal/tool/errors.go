package tool

import (
	"errors"
	"fmt"

	"github.com/mark3labs/mcp-go/mcp"
)

// modelError is an error whose text is meant for the model.
type modelError struct {
	text     string
	notFound bool
	protocol bool
}

func (e *modelError) Error() string { return e.text }

// Errorf makes an error for the model: its text becomes the tool error verbatim,
// so state what was wrong and what to do instead. Any other error of a tool is
// logged, and the model reads only that an internal error occurred.
func Errorf(format string, args ...any) error {
	return &modelError{text: fmt.Sprintf(format, args...)}
}

// NotFoundf is like [Errorf], for something that does not exist. If a resource
// returns it, the response carries the protocol's error code for "resource not
// found".
func NotFoundf(format string, args ...any) error {
	return &modelError{text: fmt.Sprintf(format, args...), notFound: true}
}

// InvalidParamsf makes a protocol error (-32602) for a request that no correct
// client sends, such as one with a forged requestState. Unlike an error made by
// [Errorf] it never becomes a result, so the model may not see it.
func InvalidParamsf(format string, args ...any) error {
	return &modelError{text: fmt.Sprintf(format, args...), protocol: true}
}

// ForModel returns the text of an error made by one of the functions above, even if the
// error was wrapped. ok is false for any other error.
func ForModel(err error) (text string, ok bool) {
	if e, ok := errors.AsType[*modelError](err); ok {
		return e.text, true
	}
	return "", false
}

// IsNotFound reports whether the error was made by [NotFoundf].
func IsNotFound(err error) bool {
	e, ok := errors.AsType[*modelError](err)
	return ok && e.notFound
}

// IsInvalidParams reports whether the error was made by [InvalidParamsf].
func IsInvalidParams(err error) bool {
	e, ok := errors.AsType[*modelError](err)
	return ok && e.protocol
}

// failure turns a function's error into a result if the error is for the model.
func failure(err error) (*mcp.CallToolResult, error) {
	if text, ok := ForModel(err); ok && !IsInvalidParams(err) {
		return mcp.NewToolResultError(text), nil
	}
	return nil, err
}
