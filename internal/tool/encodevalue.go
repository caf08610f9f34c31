package tool

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"
)

// scalar writes a string, number or boolean without methods.
func (e *encoder) scalar(s *schema, at *location, v reflect.Value) error {
	start := len(e.out)
	switch v.Kind() {
	case reflect.String:
		text := v.String()
		if s.constrained() && !s.accepts(text) {
			return e.outside(s, at)
		}
		e.text(text)
		return nil
	case reflect.Bool:
		e.out = strconv.AppendBool(e.out, v.Bool())
		return nil
	case reflect.Float32, reflect.Float64:
		f := v.Float()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("%s is not a JSON number: %v", at.path(), f)
		}
		e.float(f, v.Type().Bits())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		e.out = strconv.AppendInt(e.out, v.Int(), 10)
	default:
		e.out = strconv.AppendUint(e.out, v.Uint(), 10)
	}
	if s.constrained() && !s.inRange(parseDecimal(string(e.out[start:]))) {
		return e.outside(s, at)
	}
	return nil
}

// float writes a number as encoding/json does: with an exponent only if it is very
// small or very large.
func (e *encoder) float(f float64, bits int) {
	abs, format := math.Abs(f), byte('f')
	if abs != 0 && (bits == 64 && (abs < 1e-6 || abs >= 1e21) || bits == 32 && (float32(abs) < 1e-6 || float32(abs) >= 1e21)) {
		format = 'e'
	}
	e.out = strconv.AppendFloat(e.out, f, format, -1, bits)
	if n := len(e.out); format == 'e' && e.out[n-4] == 'e' && (e.out[n-3] == '-' || e.out[n-3] == '+') && e.out[n-2] == '0' {
		e.out[n-2] = e.out[n-1] // e-09 to e-9
		e.out = e.out[:n-1]
	}
}

// text writes a string.
func (e *encoder) text(text string) {
	if plain(text) {
		e.out = append(append(append(e.out, '"'), text...), '"')
		return
	}
	quoted, _ := leaf(text) // a string always marshals
	e.out = append(e.out, quoted...)
}

// plain reports whether the text needs no escapes. It returns false for the byte E2, with
// which the line separators U+2028 and U+2029 begin, because encoding/json escapes them.
func plain(text string) bool {
	ascii := true
	for i := range len(text) {
		switch b := text[i]; {
		case b < 0x20, b == '"', b == '\\', b == 0xE2:
			return false
		case b >= utf8.RuneSelf:
			ascii = false
		}
	}
	return ascii || utf8.ValidString(text)
}

// special writes a value of a type that needs special treatment.
func (e *encoder) special(s *schema, at *location, v reflect.Value) error {
	switch s.form {
	case formDuration:
		e.text(time.Duration(v.Int()).String())
		return nil
	case formBytes:
		text := base64.StdEncoding.EncodeToString(v.Bytes())
		if s.constrained() && !s.accepts(text) {
			return e.outside(s, at)
		}
		e.text(text)
		return nil
	case formText:
		return e.marshaled(s, at, v)
	case formQuoted:
		e.out = append(e.out, '"')
		err := e.value(s.elem, at, v)
		e.out = append(e.out, '"')
		return err
	}
	value := v
	if v.CanAddr() {
		value = v.Addr() // for methods with a pointer receiver
	}
	text, err := leaf(value.Interface())
	if err != nil {
		return fmt.Errorf("%s: %w", at.path(), &opaque{err})
	}
	if s.form == formSchemer && s.kind != "" && kindOf(text) != s.kind && (s.kind != kindInteger || kindOf(text) != kindNumber) {
		return e.outside(s, at)
	}
	if s.form == formNumber && s.constrained() && !s.inRange(parseDecimal(string(text))) {
		return e.outside(s, at)
	}
	e.out = append(e.out, text...)
	return nil
}

// marshaled writes a value with a MarshalText method.
func (e *encoder) marshaled(s *schema, at *location, v reflect.Value) error {
	m, ok := v.Interface().(encoding.TextMarshaler)
	if !ok && v.CanAddr() {
		m, ok = v.Addr().Interface().(encoding.TextMarshaler)
	}
	if !ok {
		return fmt.Errorf("%s has no text form", at.path())
	}
	text, err := m.MarshalText()
	if err != nil {
		return fmt.Errorf("%s: %w", at.path(), &opaque{err})
	}
	if s.constrained() && !s.accepts(string(text)) {
		return e.outside(s, at)
	}
	e.text(string(text))
	return nil
}

// opaque hides the text of an error from a type's method, which may contain the value.
// It shows two errors of encoding/json, which name only a type, NaN, an infinity or a
// cycle.
type opaque struct{ err error }

func (o *opaque) Error() string {
	if e, ok := errors.AsType[*json.UnsupportedTypeError](o.err); ok {
		return e.Error()
	}
	if e, ok := errors.AsType[*json.UnsupportedValueError](o.err); ok {
		return e.Error()
	}
	return "its method to marshal it fails"
}

func (o *opaque) Unwrap() error { return o.err }

// keyText returns the key of a map as encoding/json writes it.
func keyText(s *schema, v reflect.Value) (string, error) {
	switch {
	case v.Kind() == reflect.String:
		return v.String(), nil
	case s.form == formText:
		if v.Kind() == reflect.Pointer && v.IsNil() {
			return "", nil
		}
		m, ok := v.Interface().(encoding.TextMarshaler)
		if !ok {
			return "", errKey
		}
		text, err := m.MarshalText()
		if err != nil {
			return "", errKey
		}
		return string(text), nil
	case s.form == formDuration:
		return time.Duration(v.Int()).String(), nil
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10), nil
	}
	return strconv.FormatUint(v.Uint(), 10), nil
}
