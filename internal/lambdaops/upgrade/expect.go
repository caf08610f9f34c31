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

// Check says what is wrong with a test before it is used.
func (t Test) Check() error {
	var errs []error
	for name, part := range map[string][]byte{"payload": t.Payload, "expect": t.Expect} {
		if len(part) > 0 && !json.Valid(part) {
			errs = append(errs, fmt.Errorf("the test's %s is no JSON", name))
		}
	}
	return errors.Join(errs...)
}

func (t Test) payload() []byte {
	if len(t.Payload) == 0 {
		return []byte("{}")
	}
	return t.Payload
}

// passes compares a response with what is expected. The reason names places and
// kinds only: answers may hold what nobody wants in a journal.
func (t Test) passes(answer []byte, functionError string) error {
	if functionError != "" {
		return fmt.Errorf("the function failed (%s%s)", functionError, errorType(answer))
	}
	if t.Text != "" && !bytes.Contains(answer, []byte(t.Text)) {
		return errors.New("the answer lacks the expected text")
	}
	if len(t.Expect) == 0 {
		return nil
	}
	want, err := decode(t.Expect)
	if err != nil {
		return fmt.Errorf("the test's expectation: %w", err)
	}
	got, err := decode(answer)
	if err != nil {
		return errors.New("the answer is no JSON")
	}
	return contains(got, want, "answer")
}

func decode(text []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

// contains asks that got has every field of want; what is no object must be
// the same.
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
		return fmt.Errorf("%s is no object", path)
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

// equal takes 1 and 1.0 for the same number.
func equal(got, want any) bool {
	switch want := want.(type) {
	case json.Number:
		number, ok := got.(json.Number)
		if !ok {
			return false
		}
		g, errG := number.Float64()
		w, errW := want.Float64()
		return number == want || errG == nil && errW == nil && g == w
	case []any:
		list, ok := got.([]any)
		return ok && slices.EqualFunc(list, want, equal)
	case map[string]any:
		object, ok := got.(map[string]any)
		return ok && len(object) == len(want) && contains(object, want, "") == nil
	}
	return reflect.DeepEqual(got, want)
}

// errorType is the name of a function's error, such as ImportModuleError. The
// message is left out, as it may hold data.
func errorType(answer []byte) string {
	var e struct {
		ErrorType string `json:"errorType"`
	}
	if json.Unmarshal(answer, &e) != nil || e.ErrorType == "" || len(e.ErrorType) > 80 || strings.ContainsAny(e.ErrorType, "\r\n") {
		return ""
	}
	return ", " + e.ErrorType
}
