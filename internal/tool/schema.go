package tool

import (
	"bytes"
	"encoding/json"
)

// The kinds of value that a schema describes, as JSON Schema names them.
const (
	kindObject  = "object"
	kindArray   = "array"
	kindString  = "string"
	kindInteger = "integer"
	kindNumber  = "number"
	kindBoolean = "boolean"
)

// schema is the part of JSON Schema 2020-12 that Go types with tags can say.
// It is made once, by [schemaOf], and serves three readers: the client (as
// JSON), [decoder] (to check and assign arguments) and [encode] (to write
// results). That is why there is none from a library: a ready-made one would
// still need the tags, the words and the assignment beside it.
type schema struct {
	kind     string
	doc      string
	format   string   // "date-time" for a time.Time
	enum     []string // for strings
	min, max *float64 // of the number, of the length of a string, or of a list's items
	fallback any      // what an absent argument counts as; nil means nothing
	fields   []field  // of an object made of a struct
	elem     *schema  // of a list's items, or a map's values
	closed   bool     // an object that takes no other properties
}

// field is one property of an object, in the order of the struct.
type field struct {
	name      string
	index     int
	required  bool
	omitEmpty bool
	schema    *schema
}

// MarshalJSON writes the schema with its properties in the order of the
// struct: that is the order in which models fill them in.
func (s *schema) MarshalJSON() ([]byte, error) {
	var b ordered
	b.member("type", s.kind)
	b.memberIf(s.doc != "", "description", s.doc)
	b.memberIf(s.format != "", "format", s.format)
	b.memberIf(len(s.enum) > 0, "enum", s.enum)
	low, high := s.boundNames()
	b.memberIf(s.min != nil, low, s.min)
	b.memberIf(s.max != nil, high, s.max)
	b.memberIf(s.fallback != nil, "default", s.fallback)
	switch {
	case s.kind == kindArray:
		b.member("items", s.elem)
	case s.kind == kindObject && s.elem != nil:
		b.member("additionalProperties", s.elem)
	case s.kind == kindObject:
		b.member("properties", properties(s.fields))
		b.member("required", s.required())
		b.memberIf(s.closed, "additionalProperties", false)
	}
	return b.object()
}

// boundNames are the keywords that min and max stand for.
func (s *schema) boundNames() (low, high string) {
	switch s.kind {
	case kindString:
		return "minLength", "maxLength"
	case kindArray:
		return "minItems", "maxItems"
	default:
		return "minimum", "maximum"
	}
}

func (s *schema) required() []string {
	names := []string{}
	for _, f := range s.fields {
		if f.required {
			names = append(names, f.name)
		}
	}
	return names
}

type properties []field

func (p properties) MarshalJSON() ([]byte, error) {
	var b ordered
	for _, f := range p {
		b.member(f.name, f.schema)
	}
	return b.object()
}

// ordered builds a JSON object whose members keep the order they came in.
type ordered struct {
	buf bytes.Buffer
	err error
}

func (o *ordered) memberIf(ok bool, name string, value any) {
	if ok {
		o.member(name, value)
	}
}

func (o *ordered) member(name string, value any) {
	text, err := json.Marshal(value)
	o.raw(name, text, err)
}

func (o *ordered) raw(name string, value []byte, err error) {
	if err != nil && o.err == nil {
		o.err = err
	}
	separator := byte(',')
	if o.buf.Len() == 0 {
		separator = '{'
	}
	o.buf.WriteByte(separator)
	key, _ := json.Marshal(name) // a string always marshals
	o.buf.Write(key)
	o.buf.WriteByte(':')
	o.buf.Write(value)
}

func (o *ordered) object() ([]byte, error) {
	if o.buf.Len() == 0 {
		o.buf.WriteByte('{')
	}
	o.buf.WriteByte('}')
	return o.buf.Bytes(), o.err
}
