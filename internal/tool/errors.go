package tool

import "fmt"

// modelError is an error whose text is meant for the model.
type modelError struct{ text string }

func (e *modelError) Error() string { return e.text }

// Errorf makes an error that is meant for the model: its text becomes a tool
// error word for word, so say what was wrong and what to do instead. Any other
// error of a tool is logged, and the model only hears that there was one.
func Errorf(format string, args ...any) error {
	return &modelError{text: fmt.Sprintf(format, args...)}
}
