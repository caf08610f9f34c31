package tool

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// encoder writes a result as encoding/json would, with these differences: nil slices and
// maps are [] and {}, because clients that check results against the schema would reject
// null; a time.Duration is text; and a value that the schema does not allow is an error.
type encoder struct {
	out   []byte
	depth int
}

// maxDepth limits the nesting of a result, because a value may contain itself.
const maxDepth = 500

var errDepth = fmt.Errorf("nests deeper than %d levels", maxDepth)

// outside is the error for a value that its schema does not allow. Its text names the
// value's location, but never the value.
type outside struct {
	path string
	want string
}

func (o *outside) Error() string {
	return fmt.Sprintf("the result is outside its output schema: %s must be %s", o.path, o.want)
}

// encode returns the result as JSON. v must be addressable.
func encode(s *schema, v reflect.Value) ([]byte, error) {
	e := encoder{out: make([]byte, 0, 256)}
	err := e.value(s, &location{}, v)
	return e.out, err
}

func (e *encoder) value(s *schema, at *location, v reflect.Value) error {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return e.null(s, at)
		}
		v = v.Elem()
	}
	if s.form == formText && v.Kind() == reflect.Interface && v.IsNil() {
		return e.null(s, at)
	}
	if s.ref != nil {
		s = s.ref
	}
	if e.depth++; e.depth > maxDepth {
		return errDepth
	}
	defer func() { e.depth-- }()
	switch {
	case s.form != formPlain:
		return e.special(s, at, v)
	case s.kind == kindObject && s.elem != nil:
		return e.dictionary(s, at, v)
	case s.kind == kindObject:
		return e.object(s, at, v)
	case s.kind == kindArray:
		return e.list(s, at, v)
	}
	return e.scalar(s, at, v)
}

func (e *encoder) null(s *schema, at *location) error {
	if !s.nullable && s.kind != "" {
		return e.outside(s, at)
	}
	e.out = append(e.out, "null"...)
	return nil
}

func (e *encoder) outside(s *schema, at *location) error {
	return &outside{at.path(), s.describe([]byte("null"))}
}

func (e *encoder) object(s *schema, at *location, v reflect.Value) error {
	e.out = append(e.out, '{')
	first := true
	for i := range s.fields {
		f := &s.fields[i]
		value, ok := fieldAt(v, f.index)
		if !ok || f.omitEmpty && isEmpty(value) || f.omitZero && isZero(value) {
			continue
		}
		if !first {
			e.out = append(e.out, ',')
		}
		first = false
		e.out = append(e.out, f.key...)
		if err := e.value(f.schema, &location{parent: at, name: f.name}, value); err != nil {
			return err
		}
	}
	e.out = append(e.out, '}')
	return nil
}

func (e *encoder) list(s *schema, at *location, v reflect.Value) error {
	if !s.lengthInRange(v.Len()) {
		return e.outside(s, at)
	}
	e.out = append(e.out, '[')
	for i := range v.Len() {
		if i > 0 {
			e.out = append(e.out, ',')
		}
		if err := e.value(s.elem, &location{parent: at, index: i}, v.Index(i)); err != nil {
			return err
		}
	}
	e.out = append(e.out, ']')
	return nil
}

// dictionary writes a map, sorted by its keys, as encoding/json does.
func (e *encoder) dictionary(s *schema, at *location, v reflect.Value) error {
	type member struct {
		key   string
		value reflect.Value
	}
	members := make([]member, 0, v.Len())
	for iterator := v.MapRange(); iterator.Next(); {
		key, err := keyText(s.key, iterator.Key())
		if err != nil {
			return fmt.Errorf("key of %s: %w", at.path(), err)
		}
		members = append(members, member{key, iterator.Value()})
	}
	slices.SortFunc(members, func(a, b member) int { return strings.Compare(a.key, b.key) })
	e.out = append(e.out, '{')
	for i, m := range members {
		if i > 0 {
			if m.key == members[i-1].key {
				return fmt.Errorf("two keys of %s have the same text", at.path())
			}
			e.out = append(e.out, ',')
		}
		e.text(m.key)
		e.out = append(e.out, ':')
		if err := e.value(s.elem, &location{parent: at, name: m.key, index: -1}, m.value); err != nil {
			return err
		}
	}
	e.out = append(e.out, '}')
	return nil
}

// leaf writes a value without the escapes that only HTML needs, because models read the
// text: R&D would become R\u0026D.
func leaf(value any) ([]byte, error) {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	err := e.Encode(value)
	return bytes.TrimRight(buf.Bytes(), "\n"), err
}

var errKey = errors.New("it has no text form")
