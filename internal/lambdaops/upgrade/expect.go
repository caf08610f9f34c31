package upgrade

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Check returns an error unless payload and expectation are empty or JSON.
func (t Test) Check() error {
	var errs []error
	for name, part := range map[string][]byte{"payload": t.Payload, "expect": t.Expect} {
		if len(part) > 0 && !json.Valid(part) {
			errs = append(errs, fmt.Errorf("the test's %s is not JSON", name))
		}
	}
	return errors.Join(errs...)
}

// Event returns the payload, or {} if it is empty.
func (t Test) Event() []byte {
	if len(t.Payload) == 0 {
		return []byte("{}")
	}
	return t.Payload
}

// passes returns an error if a response does not meet the conditions. The error names
// paths and types only, as responses may contain data that must not enter a journal.
func (t Test) passes(response []byte, functionError string) error {
	if functionError != "" {
		if kind := ErrorType(response); kind != "" {
			functionError += ", " + kind
		}
		return fmt.Errorf("the function failed (%s)", functionError)
	}
	if t.Text != "" && !bytes.Contains(response, []byte(t.Text)) {
		return errors.New("the response lacks the expected text")
	}
	if len(t.Expect) == 0 {
		return nil
	}
	want, err := decode(t.Expect)
	if err != nil {
		return fmt.Errorf("the test's expectation: %w", err)
	}
	got, err := decode(response)
	if err != nil {
		return errors.New("the response is not JSON")
	}
	return contains(got, want, "response")
}

func decode(text []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

// contains returns an error unless got has every member of want; other values must be
// equal.
func contains(got, want any, path string) error {
	fields, ok := want.(map[string]any)
	if !ok {
		if !equal(got, want) {
			return fmt.Errorf("%s is not what was expected", path)
		}
		return nil
	}
	object, ok := got.(map[string]any)
	if !ok {
		return fmt.Errorf("%s is not an object", path)
	}
	var errs []error
	for name, w := range fields {
		if g, ok := object[name]; ok {
			errs = append(errs, contains(g, w, path+"."+name))
		} else {
			errs = append(errs, fmt.Errorf("%s lacks %s", path, name))
		}
	}
	return errors.Join(errs...)
}

// equal compares JSON values; 1 and 1.0 are the same number.
func equal(got, want any) bool {
	switch want := want.(type) {
	case json.Number:
		number, ok := got.(json.Number)
		return ok && equalNumbers(number, want)
	case []any:
		list, ok := got.([]any)
		return ok && slices.EqualFunc(list, want, equal)
	case map[string]any:
		object, ok := got.(map[string]any)
		return ok && len(object) == len(want) && contains(object, want, "") == nil
	}
	return reflect.DeepEqual(got, want)
}

// equalNumbers compares numbers: 1 and 1.0 are equal, and different integers never are, even
// if they are the same as floating-point numbers.
func equalNumbers(a, b json.Number) bool {
	if a == b {
		return true
	}
	isInteger := func(n json.Number) bool { return !strings.ContainsAny(string(n), ".eE") }
	x, errX := a.Float64()
	y, errY := b.Float64()
	return errX == nil && errY == nil && x == y && (x == 0 || !isInteger(a) || !isInteger(b))
}

// ErrorType returns the type of a function's error, such as ImportModuleError, without
// the message, which may contain data. It returns "" if the response has none, or one that
// is too long for a type or has several lines.
func ErrorType(response []byte) string {
	var e struct {
		ErrorType string `json:"errorType"`
	}
	if json.Unmarshal(response, &e) != nil || len(e.ErrorType) > 80 || strings.ContainsAny(e.ErrorType, "\r\n") {
		return ""
	}
	return e.ErrorType
}
