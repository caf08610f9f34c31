package tool

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// structSchema describes a struct with the fields that encoding/json would use.
func (b *builder) structSchema(t reflect.Type, where string, addressable bool) *schema {
	s := &schema{kind: kindObject, typ: t, closed: b.input}
	candidates := b.promoted(t, where)
	if where != "" && t.Name() != "" && untagged(candidates) {
		b.problem(where, "type %s has no json and doc tags; add them or, if the type is not yours, use %s", t, insteadOf(t))
		return s
	}
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

// untagged reports whether no field has a json name or a doc tag, as in types that were
// not written for JSON.
func untagged(fields []candidate) bool {
	return len(fields) > 0 && !slices.ContainsFunc(fields, func(c candidate) bool { return c.named || c.tag.Get("doc") != "" })
}

// insteadOf names a type to use instead of one that was not written for JSON.
func insteadOf(t reflect.Type) string {
	switch pkg := t.PkgPath(); {
	case pkg == "net/url" && t.Name() == "URL":
		return `a string with format:"uri"`
	case pkg == "net" && t.Name() == "IPNet":
		return "netip.Prefix"
	case pkg == "database/sql":
		return "a pointer to the value with omitempty"
	}
	return "a type of your own with tags, a string, or tool.Raw"
}

// fieldSchema describes one field.
func (b *builder) fieldSchema(c candidate, addressable bool) field {
	where := c.where
	if !b.validProperty(c.name) || !c.named {
		switch {
		case c.name == "-":
			b.problem(where, `json:"-," names the property "-"; write json:"-" to leave the field out`)
		case c.named && b.input && len(c.name) > maxName:
			b.problem(where, "the name has %d bytes; model APIs allow at most %d", len(c.name), maxName)
		default:
			b.problem(where, `needs a name of ASCII letters, digits and _, such as json:%q`, suggestedName(c.field))
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
		case "string":
			f.schema = b.quoted(c.typ, f.schema, where)
		default:
			b.problem(where, "json option %q is unknown to encoding/json; leave it out", option)
		}
	}
	if c.hidden {
		b.hiddenField(c, f.schema, where)
	}
	optional := f.omitEmpty || f.omitZero
	f.required = !optional && (b.input || !c.byPointer)
	if c.typ.Kind() == reflect.Pointer && !optional {
		b.requiredPointer(f.schema, where)
	}
	b.tags(c.tag, &f, where)
	return f
}

// hiddenField reports embedded fields of an unexported type at which encoding/json would
// panic, because it can neither set them nor call their methods.
func (b *builder) hiddenField(c candidate, s *schema, where string) {
	if s.form != formPlain || b.input && c.typ.Kind() == reflect.Pointer {
		b.problem(where, "encoding/json cannot use an embedded field of the unexported type %s in this way; give the field a name", c.typ)
	}
}

// suggestedName returns a valid property name for a field, without letters that are not
// allowed.
func suggestedName(field string) string {
	name := strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf {
			return r
		}
		return -1
	}, strings.ToLower(field))
	if !safeProperty(name) {
		return "name"
	}
	return name
}

// requiredPointer handles a pointer without omitempty. As an argument it would be
// required, so a pointer has no use; for types that are commonly used as pointers it is
// accepted anyway. In a result it may be null.
func (b *builder) requiredPointer(s *schema, where string) {
	switch {
	case !b.input:
		s.nullable = s.kind != ""
	case (s.form == formPlain || s.form == formQuoted) && s.kind != kindObject:
		b.problem(where, "a pointer is for something optional; add omitempty")
	}
}
