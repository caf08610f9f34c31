package tool

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
)

// propertyName is what the strictest of the common model APIs takes.
var propertyName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

var (
	timeType    = reflect.TypeFor[time.Time]()
	marshaler   = reflect.TypeFor[json.Marshaler]()
	unmarshaler = reflect.TypeFor[json.Unmarshaler]()
)

// builder makes schemas from types and collects all problems, so that a
// declaration can be corrected in one step.
type builder struct {
	problems []string
	path     []reflect.Type // structs that the current one is inside of
	closed   bool           // whether objects take no properties but their own
}

func (b *builder) problem(where, format string, args ...any) {
	b.problems = append(b.problems, where+": "+fmt.Sprintf(format, args...))
}

// schemaOf describes a type. It is called for types only, never for values:
// what a tool accepts must not depend on anything but its declaration.
func (b *builder) schemaOf(t reflect.Type, where string) *schema {
	if t == timeType {
		return &schema{kind: kindString, format: "date-time"}
	}
	if t.Implements(marshaler) || reflect.PointerTo(t).Implements(unmarshaler) {
		b.problem(where, "type %s has a JSON form of its own, which no schema can be made of", t)
		return &schema{}
	}
	switch t.Kind() {
	case reflect.String:
		return &schema{kind: kindString}
	case reflect.Bool:
		return &schema{kind: kindBoolean}
	case reflect.Float64:
		return &schema{kind: kindNumber}
	case reflect.Struct:
		return b.structSchema(t, where)
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			b.problem(where, "bytes are not supported; use a string")
		}
		return &schema{kind: kindArray, elem: b.schemaOf(t.Elem(), where+"[]")}
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			b.problem(where, "a map needs string keys")
		}
		return &schema{kind: kindObject, elem: b.schemaOf(t.Elem(), where+"{}")}
	}
	if min, max, ok := integerRange(t.Kind()); ok {
		return &schema{kind: kindInteger, min: min, max: max}
	}
	b.problem(where, "type %s has no schema; use string, bool, float64, an integer, time.Time, a struct, slice or map (a pointer only for an optional field)", t)
	return &schema{}
}

// integerRange is what the type itself can hold, where that is worth telling.
func integerRange(k reflect.Kind) (min, max *float64, ok bool) {
	number := func(f float64) *float64 { return &f }
	switch k {
	case reflect.Int, reflect.Int64:
		return nil, nil, true
	case reflect.Uint, reflect.Uint64:
		return number(0), nil, true
	case reflect.Int8, reflect.Int16, reflect.Int32:
		half := float64(int64(1) << (bits(k) - 1))
		return number(-half), number(half - 1), true
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return number(0), number(float64(int64(1)<<bits(k)) - 1), true
	}
	return nil, nil, false
}

func bits(k reflect.Kind) int {
	switch k {
	case reflect.Int8, reflect.Uint8:
		return 8
	case reflect.Int16, reflect.Uint16:
		return 16
	default:
		return 32
	}
}

func (b *builder) structSchema(t reflect.Type, where string) *schema {
	s := &schema{kind: kindObject, closed: b.closed}
	if slices.Contains(b.path, t) {
		b.problem(where, "type %s contains itself", t)
		return s
	}
	b.path = append(b.path, t)
	defer func() { b.path = b.path[:len(b.path)-1] }()

	seen := map[string]bool{}
	for i := range t.NumField() {
		f, ok := b.fieldSchema(t.Field(i), where)
		if !ok {
			continue
		}
		if seen[f.name] {
			b.problem(where, "two fields are called %q", f.name)
		}
		seen[f.name] = true
		f.index = i
		s.fields = append(s.fields, f)
	}
	return s
}

// fieldSchema describes one field, or reports that it is none of the object's.
func (b *builder) fieldSchema(sf reflect.StructField, where string) (field, bool) {
	if sf.Anonymous {
		b.problem(where, "embedded %s is not supported; write its fields out", sf.Name)
		return field{}, false
	}
	name, options, _ := strings.Cut(sf.Tag.Get("json"), ",")
	if !sf.IsExported() || name == "-" {
		return field{}, false
	}
	where = strings.TrimPrefix(where+"."+sf.Name, ".")
	if !propertyName.MatchString(name) || len(name) > maxName {
		b.problem(where, `needs a name of letters, digits and _, such as json:%q`, strings.ToLower(sf.Name))
	}
	fieldType, optional := sf.Type, sf.Type.Kind() == reflect.Pointer
	if optional {
		fieldType = fieldType.Elem()
	}
	f := field{name: name, required: true, schema: b.schemaOf(fieldType, where)}
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "":
		case "omitempty":
			f.required, f.omitEmpty = false, true
		default:
			b.problem(where, "json option %q is not supported", option)
		}
	}
	if optional && f.required {
		b.problem(where, "a pointer is for something optional; add omitempty")
	}
	b.tags(sf.Tag, &f, where)
	return f, true
}

// root describes the arguments of a tool, a template or a prompt.
func (b *builder) root(t reflect.Type, where string) *schema {
	if t.Kind() != reflect.Struct || t == timeType {
		b.problem(where, "must be a struct, is %s", t)
		return &schema{kind: kindObject, closed: b.closed}
	}
	before := len(b.problems)
	s := b.schemaOf(t, "")
	for i := range b.problems[before:] {
		b.problems[before+i] = strings.Replace(where+" "+b.problems[before+i], " : ", ": ", 1)
	}
	return s
}

// result describes what a tool returns; nil where that is no structured content.
func (b *builder) result(t reflect.Type) *schema {
	if t == reflect.TypeFor[string]() || t == reflect.TypeFor[*mcp.CallToolResult]() {
		return nil
	}
	return b.root(t, "output")
}
