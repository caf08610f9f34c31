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

// Errorf makes an error that is meant for the model: its text becomes a tool
// error word for word, so say what was wrong and what to do instead. Any other
// error of a tool is logged, and the model only hears that there was one.
func Errorf(format string, args ...any) error {
	return &modelError{text: fmt.Sprintf(format, args...)}
}

// NotFoundf is [Errorf] for something that does not exist. A resource that
// returns it is answered with the protocol's code for that.
func NotFoundf(format string, args ...any) error {
	return &modelError{text: fmt.Sprintf(format, args...), notFound: true}
}

// InvalidParamsf makes an error of the protocol (-32602) for a request that no
// working client sends, such as one with a forged requestState. Unlike
// [Errorf]'s it never becomes a result, so a model may not get to read it.
func InvalidParamsf(format string, args ...any) error {
	return &modelError{text: fmt.Sprintf(format, args...), protocol: true}
}

// ForModel is the text of an error made by one of the functions above, however it
// was wrapped; ok is false for any other error.
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

// failure is the result of a call whose function returned an error.
func failure(err error) (*mcp.CallToolResult, error) {
	if text, ok := ForModel(err); ok && !IsInvalidParams(err) {
		return mcp.NewToolResultError(text), nil
	}
	return nil, err
}
