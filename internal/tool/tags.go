package tool

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// foreign are tags of other libraries that would silently have no effect.
var foreign = []string{
	"jsonschema", "jsonschema_description", "description", "desc", "required", "minimum", "maximum",
	"minLength", "maxLength", "examples", "regexp", "regex", "validate", "binding",
}

// tags adds to a field's schema what its tags say:
//
//	doc:"…"          what it means, for the model; required
//	title:"…"        its name for people
//	enum:"a,b,c"     the values of a string, or of a list's strings
//	min:"0" max:"9"  the range of a number, the length of a string or list
//	pattern:"^[a-z]" a regular expression that a string must match
//	format:"date"    date, date-time, email, uri or uuid
//	default:"a"      what an absent argument counts as; makes the field optional
//	example:"a"      a typical value, for the model
func (b *builder) tags(tag reflect.StructTag, f *field, where string) {
	if !b.keys(string(tag), where) {
		b.problem(where, "malformed tag `%s`", tag)
		return
	}
	s := f.schema
	if s.doc = tag.Get("doc"); strings.TrimSpace(s.doc) == "" {
		b.problem(where, "has no doc tag to say what it means")
	}
	s.title = tag.Get("title")
	if text, ok := tag.Lookup("enum"); ok {
		b.enum(text, s, where)
	}
	b.format(tag, s, where)
	bounded := s
	if s.form == formQuoted {
		bounded = s.elem
	}
	bounded.min = b.bound(tag, "min", bounded, bounded.min, where)
	bounded.max = b.bound(tag, "max", bounded, bounded.max, where)
	if bounded.min != nil && bounded.max != nil && bounded.min.compare(bounded.max.decimal) > 0 {
		b.problem(where, "min is over max")
	}
	s.fallback = b.given(tag, "default", s, where)
	s.example = b.given(tag, "example", s, where)
	if s.fallback != nil {
		f.required = false
	}
}

// keys checks the keys of a struct tag. It returns false if the tag is malformed:
// reflect would silently ignore everything behind the mistake.
func (b *builder) keys(tag, where string) bool {
	for tag != "" {
		key, rest, _ := strings.Cut(tag, ":")
		value, err := strconv.QuotedPrefix(rest)
		unusual := func(r rune) bool { return r <= ' ' || r == '"' || r == 0x7f }
		if err != nil || value[0] != '"' || key == "" || strings.ContainsFunc(key, unusual) {
			return false
		}
		if slices.Contains(foreign, key) {
			b.problem(where, "tag %s has no effect here; there are doc, title, enum, min, max, pattern, format, default and example", key)
		}
		after := rest[len(value):]
		if tag = strings.TrimLeft(after, " "); tag != "" && tag == after {
			return false // no space before the next key
		}
	}
	return true
}

func (b *builder) enum(text string, s *schema, where string) {
	if s.kind == kindArray {
		s = s.elem
	}
	if s.kind != kindString || s.form != formPlain && s.form != formText {
		b.problem(where, "enum is for strings, because some model APIs reject numbers in it; use min and max, or a string")
		return
	}
	s.enum = strings.Split(text, ",")
	for i, value := range s.enum {
		switch {
		case value == "" || value != strings.TrimSpace(value):
			b.problem(where, "enum value %q is empty or has spaces around it", value)
		case slices.Contains(s.enum[:i], value):
			b.problem(where, "enum value %q is there twice", value)
		case b.input && s.form == formText && !unmarshalsText(s.typ, value):
			b.problem(where, "enum value %q is not a valid %s", value, s.typ)
		}
	}
}

// bound reads min or max. The type's own bound stays if it is tighter.
func (b *builder) bound(tag reflect.StructTag, key string, s *schema, own *bound, where string) *bound {
	text, ok := tag.Lookup(key)
	if !ok {
		return own
	}
	if !slices.Contains([]string{kindNumber, kindInteger, kindArray, kindString}, s.kind) || s.form == formTime || s.form == formDuration {
		b.problem(where, "%s is for numbers, strings and lists", key)
		return own
	}
	if !json.Valid([]byte(text)) || !strings.Contains("-0123456789", text[:1]) {
		b.problem(where, "%s %q is not a number", key, text)
		return own
	}
	n := newBound(text)
	if s.kind != kindNumber {
		whole, ok := n.integer()
		if !ok || s.kind != kindInteger && len(whole) > maxLengthDigits {
			b.problem(where, "%s %q is not a whole number, or too large", key, text)
			return own
		}
		n = newBound(whole)
	}
	switch {
	case s.kind != kindNumber && s.kind != kindInteger && n.signum() < 0:
		b.problem(where, "%s %q is a length, and must not be negative", key, text)
	case own != nil && s.kind == kindArray:
		b.problem(where, "an array has a fixed length; use a slice with %s", key)
	case own != nil && (key == "min") == (n.compare(own.decimal) < 0):
		return own
	default:
		return n
	}
	return own
}

// maxLengthDigits bounds lengths to what fits an int.
const maxLengthDigits = 9

// given reads default or example, which must be a valid argument itself.
func (b *builder) given(tag reflect.StructTag, key string, s *schema, where string) *given {
	text, ok := tag.Lookup(key)
	if !ok {
		return nil
	}
	value := []byte(text)
	if s.kind == kindString || !json.Valid(value) { // other text is not a valid value, which the check reports
		value, _ = json.Marshal(text) // a string always marshals
	}
	d := decoder{strict: true}
	d.value(s, &location{name: key}, trim(value))
	if len(d.problems) > 0 {
		b.problem(where, "%s", strings.Join(d.problems, "; "))
		return nil
	}
	return &given{text: value, decoded: d.out}
}
