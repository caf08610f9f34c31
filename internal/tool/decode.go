package tool

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// maxProblems bounds the length of a tool error: for ten thousand invalid items
// the first few are enough.
const maxProblems = 20

// decoder checks JSON arguments and collects all problems, so that a model can
// correct the call in one step.
type decoder struct{ problems []string }

// decode assigns the arguments to dst. It returns the problems with them as text
// for the model, or "".
func decode(s *schema, arguments []byte, dst reflect.Value) string {
	var value any = map[string]any{}
	if len(bytes.TrimSpace(arguments)) > 0 && string(bytes.TrimSpace(arguments)) != "null" {
		var err error
		if value, err = parse(arguments); err != nil {
			return "the arguments are not valid JSON"
		}
	}
	return assignChecked(s, value, dst)
}

// assignChecked is [decode] for a value that has been parsed.
func assignChecked(s *schema, value any, dst reflect.Value) string {
	var d decoder
	d.check(s, "", value)
	if more := len(d.problems) - maxProblems; more > 0 {
		d.problems = append(d.problems[:maxProblems], fmt.Sprintf("and %d more", more))
	}
	if len(d.problems) > 0 {
		return strings.Join(d.problems, "; ")
	}
	assign(s, value, dst)
	return ""
}

// parse reads one JSON value and keeps its numbers as they were written: an
// integer over 2^53 must not be rounded on the way.
func parse(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	return value, nil
}

// check notes every way in which the value at path is not what s describes.
func (d *decoder) check(s *schema, path string, value any) {
	switch value := value.(type) {
	case map[string]any:
		if s.kind == kindObject {
			d.object(s, path, value)
			return
		}
	case []any:
		if s.kind == kindArray && s.inRange(float64(len(value))) {
			for i, item := range value {
				d.check(s.elem, fmt.Sprintf("%s[%d]", path, i), item)
			}
			return
		}
	case string:
		if s.kind == kindString && s.takes(value) {
			return
		}
	case json.Number:
		if s.number(value) {
			return
		}
	case bool:
		if s.kind == kindBoolean {
			return
		}
	}
	if path == "" {
		path = "the arguments"
	}
	d.problems = append(d.problems, fmt.Sprintf("%s must be %s, got %s", path, s.describe(), got(value)))
}

func (d *decoder) object(s *schema, path string, object map[string]any) {
	at := func(name string) string { return strings.TrimPrefix(path+"."+name, ".") }
	if s.elem != nil { // a map
		for _, name := range sortedKeys(object) {
			d.check(s.elem, at(name), object[name])
		}
		return
	}
	for _, f := range s.fields {
		value, ok := object[f.name]
		switch {
		case ok:
			d.check(f.schema, at(f.name), value)
		case f.required:
			d.problems = append(d.problems, at(f.name)+" is missing")
		}
	}
	for _, name := range sortedKeys(object) {
		if s.closed && !slices.ContainsFunc(s.fields, func(f field) bool { return f.name == name }) {
			d.problems = append(d.problems, at(shorten(name))+" is unknown"+s.known())
		}
	}
}

// takes reports whether the string is one of the enum, of the right length, or
// a time, whichever is asked for.
func (s *schema) takes(text string) bool {
	if s.format != "" {
		_, err := time.Parse(time.RFC3339, text)
		return err == nil
	}
	if len(s.enum) > 0 && !slices.Contains(s.enum, text) {
		return false
	}
	return s.inRange(float64(utf8.RuneCountInString(text)))
}

// number reports whether the number fits: neither infinite nor, where a whole
// one is asked for, rounded.
func (s *schema) number(n json.Number) bool {
	switch s.kind {
	case kindInteger:
		whole, ok := integer(n)
		return ok && s.inRange(float64(whole))
	case kindNumber:
		f, err := n.Float64()
		return err == nil && s.inRange(f)
	}
	return false
}

func (s *schema) inRange(f float64) bool {
	return (s.min == nil || f >= *s.min) && (s.max == nil || f <= *s.max)
}

// integer is the number as an int64, if that is exact. JSON Schema counts 3.0
// and 3e2 as integers too; they are taken up to 2^53, where floats are exact.
func integer(n json.Number) (int64, bool) {
	if whole, err := strconv.ParseInt(n.String(), 10, 64); err == nil {
		return whole, true
	}
	f, err := n.Float64()
	if err != nil || f != math.Trunc(f) || math.Abs(f) > maxExact {
		return 0, false
	}
	return int64(f), true
}

// assign sets dst to a value that check has found nothing wrong with.
func assign(s *schema, value any, dst reflect.Value) {
	if dst.Kind() == reflect.Pointer {
		dst.Set(reflect.New(dst.Type().Elem()))
		dst = dst.Elem()
	}
	switch value := value.(type) {
	case string:
		if s.format != "" {
			at, _ := time.Parse(time.RFC3339, value) // checked
			dst.Set(reflect.ValueOf(at))
			return
		}
		dst.SetString(value)
	case bool:
		dst.SetBool(value)
	case json.Number:
		assignNumber(value, dst)
	case []any:
		dst.Set(reflect.MakeSlice(dst.Type(), len(value), len(value)))
		for i, item := range value {
			assign(s.elem, item, dst.Index(i))
		}
	case map[string]any:
		assignObject(s, value, dst)
	}
}

func assignNumber(n json.Number, dst reflect.Value) {
	whole, _ := integer(n)
	switch {
	case dst.CanFloat():
		f, _ := n.Float64() // checked
		dst.SetFloat(f)
	case dst.CanUint():
		dst.SetUint(uint64(whole))
	default:
		dst.SetInt(whole)
	}
}

func assignObject(s *schema, object map[string]any, dst reflect.Value) {
	if s.elem != nil {
		dst.Set(reflect.MakeMapWithSize(dst.Type(), len(object)))
		for name, value := range object {
			item := reflect.New(dst.Type().Elem()).Elem()
			assign(s.elem, value, item)
			dst.SetMapIndex(reflect.ValueOf(name).Convert(dst.Type().Key()), item)
		}
		return
	}
	for _, f := range s.fields {
		value, ok := object[f.name]
		if !ok {
			value = f.schema.fallback
		}
		if value != nil {
			assign(f.schema, value, dst.Field(f.index))
		}
	}
}
