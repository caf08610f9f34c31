package tool

import (
	"encoding/json"
	"reflect"
	"strings"
)

// structSchema describes a struct with the fields that encoding/json would use.
func (b *builder) structSchema(t reflect.Type, where string, addressable bool) *schema {
	s := &schema{kind: kindObject, typ: t, closed: b.input}
	candidates := b.promoted(t, where)
	s.fields = make([]field, 0, len(candidates))
	for _, c := range candidates {
		s.fields = append(s.fields, b.fieldSchema(c, addressable))
	}
	if len(s.fields) == 0 && t.NumField() > 0 {
		b.problem(where, "type %s has no exported fields, so it would always be {}; use another type, or make the tool with tool.Raw", t)
	}
	for _, d := range b.defs {
		if d.typ == t { // it refers to itself
			name := d.name
			*d = *s
			d.name = name
			return &schema{kind: kindObject, typ: t, ref: d}
		}
	}
	return s
}

// fieldSchema describes one field.
func (b *builder) fieldSchema(c candidate, addressable bool) field {
	where := c.where
	if !validProperty(c.name) || !c.named {
		if c.name == "-" {
			b.problem(where, `json:"-," names the property "-"; write json:"-" to leave the field out`)
		} else {
			b.problem(where, `needs a name of letters, digits and _, such as json:%q`, strings.ToLower(c.field))
		}
	}
	f := field{name: c.name, index: c.index, required: true, schema: b.schemaOf(c.typ, where, addressable)}
	quoted, _ := json.Marshal(c.name) // a string always marshals
	f.key = append(quoted, ':')
	for option := range strings.SplitSeq(c.options, ",") {
		switch option {
		case "":
		case "omitempty":
			f.omitEmpty = true
		case "omitzero":
			f.omitZero = true
		default:
			b.problem(where, "json option %q is not supported", option)
		}
	}
	optional := f.omitEmpty || f.omitZero
	f.required = !optional && (b.input || !c.byPointer)
	if c.typ.Kind() == reflect.Pointer && !optional {
		b.requiredPointer(f.schema, where)
	}
	b.tags(c.tag, &f, where)
	return f
}

// requiredPointer handles a pointer without omitempty. As an argument it would be
// required, so that the pointer says nothing; types that are commonly used by
// pointer are accepted all the same. In a result it may be null.
func (b *builder) requiredPointer(s *schema, where string) {
	switch {
	case !b.input:
		s.nullable = s.kind != ""
	case s.form == formPlain && s.kind != kindObject:
		b.problem(where, "a pointer is for something optional; add omitempty")
	}
}
