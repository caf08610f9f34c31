package tool

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/mark3labs/mcp-go/mcp"
)

// safeProperty reports whether all common model APIs accept the name of an argument: it
// must be valid by [validName] and begin with a letter or "_".
func safeProperty(name string) bool {
	return validName(name) && !strings.Contains(digits+".-", name[:1])
}

// validProperty reports whether a struct's field may have the name. In results, which
// model APIs do not check, every name is allowed that encoding/json accepts in a tag
// (https://pkg.go.dev/encoding/json#Marshal).
func (b *builder) validProperty(name string) bool {
	if b.input {
		return safeProperty(name)
	}
	const punctuation = "!#$%&()*+-./:;<=>?@[]^_{|}~ "
	return name != "-" && !strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(punctuation, r)
	})
}

// builder makes schemas from types and collects all problems, so that a
// declaration can be corrected in one step.
type builder struct {
	problems []string
	input    bool           // the schema is for arguments: objects are closed, and the rules for decoding apply
	path     []reflect.Type // named types that contain the current one
	defs     []*schema      // recursive types
}

func (b *builder) problem(where, format string, args ...any) {
	b.problems = append(b.problems, where+": "+fmt.Sprintf(format, args...))
}

// maxPointers is the number of nested pointers above which a type is assumed to point to
// itself, such as type P *P.
const maxPointers = 100

// schemaOf describes a type by encoding/json's rules. It looks at types only,
// never at values: what a tool accepts must depend on its declaration alone.
// addressable is false for the values of a map, for which encoding/json does not
// call methods with a pointer receiver.
func (b *builder) schemaOf(t reflect.Type, where string, addressable bool) *schema {
	for depth := 0; t.Kind() == reflect.Pointer; depth++ {
		if depth == maxPointers {
			b.problem(where, "type %s points to itself; use another type", t)
			return &schema{form: formAny}
		}
		t, addressable = t.Elem(), true
	}
	if s := known(t); s != nil {
		return s
	}
	if s := b.custom(t, where, addressable); s != nil {
		s.nullable = t.Kind() == reflect.Interface && s.form == formText // as encoding/json writes nil
		return s
	}
	s := &schema{typ: t}
	switch t.Kind() {
	case reflect.String:
		s.kind = kindString
	case reflect.Bool:
		s.kind = kindBoolean
	case reflect.Float32, reflect.Float64:
		s.kind = kindNumber
	case reflect.Struct, reflect.Slice, reflect.Array, reflect.Map:
		return b.composite(t, where, addressable)
	default:
		low, high, ok := integerRange(t)
		if !ok {
			b.problem(where, "type %s has no JSON form; use another type, or make the tool with tool.Raw", t)
			return s
		}
		s.kind, s.min, s.max = kindInteger, low, high
	}
	return s
}

// composite describes a type that contains other types.
func (b *builder) composite(t reflect.Type, where string, addressable bool) *schema {
	if t.Name() != "" {
		if slices.Contains(b.path, t) {
			return b.recursive(t, where)
		}
		b.path = append(b.path, t)
		defer func() { b.path = b.path[:len(b.path)-1] }()
	}
	switch t.Kind() {
	case reflect.Struct:
		return b.structSchema(t, where, addressable)
	case reflect.Map:
		return &schema{kind: kindObject, typ: t, key: b.keySchema(t.Key(), where), elem: b.element(t.Elem(), where+"{}", false)}
	case reflect.Array:
		n := newBound(strconv.Itoa(t.Len()))
		return &schema{kind: kindArray, typ: t, elem: b.element(t.Elem(), where+"[]", addressable), min: n, max: n}
	}
	if t.Elem().Kind() == reflect.Uint8 {
		if m := methodsOf(t.Elem(), true); !m.marshal && !m.marshalText {
			return &schema{kind: kindString, form: formBytes, typ: t}
		}
	}
	return &schema{kind: kindArray, typ: t, elem: b.element(t.Elem(), where+"[]", true)}
}

// element describes the items of a list or the values of a map. A nil pointer
// among the items of a result is null.
func (b *builder) element(t reflect.Type, where string, addressable bool) *schema {
	s := b.schemaOf(t, where, addressable)
	s.nullable = s.nullable || t.Kind() == reflect.Pointer && !b.input && s.kind != ""
	return s
}

// recursive returns a reference to a type that contains itself. In results, $ref is
// allowed, because clients check results with libraries that support it. In arguments it
// is not, because some model APIs reject it: Gemini (google-gemini/gemini-cli issue 13326),
// GitHub Copilot CLI (github/copilot-cli issue 1876).
func (b *builder) recursive(t reflect.Type, where string) *schema {
	switch {
	case b.input:
		b.problem(where, "type %s contains itself, and not all model APIs accept a schema with $ref; "+
			"use a list whose items name their parent, or json.RawMessage", t)
	case t.Kind() != reflect.Struct:
		b.problem(where, "type %s contains itself, which only a struct may; make it a field of one, or use json.RawMessage", t)
	}
	if b.input || t.Kind() != reflect.Struct {
		return &schema{kind: kindObject, typ: t, elem: &schema{form: formAny}}
	}
	return &schema{kind: kindObject, typ: t, ref: b.definition(t)}
}

// definition returns the schema of a recursive type, which is still empty while
// the type is being described.
func (b *builder) definition(t reflect.Type) *schema {
	for _, d := range b.defs {
		if d.typ == t {
			return d
		}
	}
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, t.Name())
	for base, n := name, 2; slices.ContainsFunc(b.defs, func(d *schema) bool { return d.name == name }); n++ {
		name = base + "_" + strconv.Itoa(n)
	}
	d := &schema{typ: t, name: name}
	b.defs = append(b.defs, d)
	return d
}

// keySchema describes the keys of a map: strings, integers, or types with text
// methods.
func (b *builder) keySchema(t reflect.Type, where string) *schema {
	m := methodsOf(t, false)
	text := m.unmarshalText
	if !b.input {
		text = m.marshalText && t.Kind() != reflect.String
	}
	switch {
	case text:
		return &schema{kind: kindString, form: formText, typ: t}
	case t.Kind() == reflect.String:
		return &schema{kind: kindString, typ: t}
	case t == durationType:
		return &schema{kind: kindString, form: formDuration, typ: t}
	case t.Kind() >= reflect.Int && t.Kind() <= reflect.Uintptr:
		return &schema{kind: kindInteger, typ: t}
	}
	b.problem(where, "a map needs keys that are strings, integers or have text methods, not %s", t)
	return &schema{kind: kindString, typ: t}
}

// root describes the arguments of a tool, template or prompt, or a result: a struct, a
// pointer to one or, for a result, a map. MCP requires an object for both.
func (b *builder) root(t reflect.Type, where string) *schema {
	declared := t
	if t.Kind() == reflect.Pointer && t.Name() == "" {
		t = t.Elem()
	}
	isObject := t.Kind() == reflect.Struct || t.Kind() == reflect.Map && !b.input
	if !isObject || methodsOf(t, true) != (methods{}) {
		if inner := formOfEmbedded(t); inner != "" {
			b.problem(where, "type %s embeds %s, whose JSON form it takes over; name that field", declared, inner)
		} else {
			b.problem(where, "must be a struct without a JSON form of its own, is %s; make it a field of a struct", declared)
		}
		return &schema{kind: kindObject, typ: t, closed: b.input}
	}
	before := len(b.problems)
	s := b.schemaOf(t, "", true)
	for i := range b.problems[before:] {
		b.problems[before+i] = strings.Replace(where+" "+b.problems[before+i], " : ", ": ", 1)
	}
	s.defs, b.defs = b.defs, nil
	return s
}

// result describes the type that a tool returns; nil if it is not structured content.
func (b *builder) result(t reflect.Type) *schema {
	if unstructured(t) {
		return nil
	}
	return b.root(t, "output")
}

// unstructured reports whether results of the type have no structured content.
func unstructured(t reflect.Type) bool {
	switch t {
	case reflect.TypeFor[string](), reflect.TypeFor[*mcp.CallToolResult](), reflect.TypeFor[Content](), reflect.TypeFor[[]Content]():
		return true
	}
	return false
}
