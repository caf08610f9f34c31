package tool

import (
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// wellFormed is what reflect needs to find every tag of a field. It finds none
// behind a malformed one and says nothing about it.
var wellFormed = regexp.MustCompile(`^(?:[^\s:"]+:"(?:[^"\\]|\\.)*"(?: +|$))*$`)

// foreign are tags of other libraries that would be silently without effect.
var foreign = []string{"jsonschema", "jsonschema_description", "description", "desc", "required", "minimum", "maximum", "validate"}

// maxExact bounds what min and max may be: up to here a float64 holds every
// integer exactly.
const maxExact = 1 << 53

// tags adds to a field's schema what its tags say:
//
//	doc:"…"          what it means, for the model; required
//	enum:"a,b,c"     the values of a string, or of a list's strings
//	min:"0" max:"9"  the range of a number, the length of a string or list
//	default:"a"      what an absent argument counts as; makes the field optional
func (b *builder) tags(tag reflect.StructTag, f *field, where string) {
	if !wellFormed.MatchString(string(tag)) {
		b.problem(where, "malformed tag `%s`", tag)
		return
	}
	for _, key := range foreign {
		if _, ok := tag.Lookup(key); ok {
			b.problem(where, "tag %s has no effect here; there are doc, enum, min, max and default", key)
		}
	}
	s := f.schema
	if s.doc = tag.Get("doc"); strings.TrimSpace(s.doc) == "" {
		b.problem(where, "has no doc tag to say what it means")
	}
	if text, ok := tag.Lookup("enum"); ok {
		b.enum(text, s, where)
	}
	b.bound(tag, "min", s, &s.min, where)
	b.bound(tag, "max", s, &s.max, where)
	if s.min != nil && s.max != nil && *s.min > *s.max {
		b.problem(where, "min is over max")
	}
	if text, ok := tag.Lookup("default"); ok {
		f.required = false
		b.fallback(text, s, where)
	}
}

func (b *builder) enum(text string, s *schema, where string) {
	if s.kind == kindArray {
		s = s.elem
	}
	if s.kind != kindString || s.format != "" {
		b.problem(where, "enum is for strings")
		return
	}
	s.enum = strings.Split(text, ",")
	for i, value := range s.enum {
		if value == "" || value != strings.TrimSpace(value) {
			b.problem(where, "enum value %q is empty or has spaces around it", value)
		}
		if slices.Contains(s.enum[:i], value) {
			b.problem(where, "enum value %q is there twice", value)
		}
	}
}

func (b *builder) bound(tag reflect.StructTag, key string, s *schema, bound **float64, where string) {
	text, ok := tag.Lookup(key)
	if !ok {
		return
	}
	number, err := strconv.ParseFloat(text, 64)
	counts := s.kind != kindNumber
	switch {
	case s.kind == kindBoolean, s.kind == kindObject, s.format != "":
		b.problem(where, "%s is for numbers, strings and lists", key)
	case err != nil, math.IsNaN(number), math.IsInf(number, 0):
		b.problem(where, "%s %q is not a number", key, text)
	case counts && number != math.Trunc(number), math.Abs(number) > maxExact:
		b.problem(where, "%s %q is not a whole number, or too large", key, text)
	case s.kind != kindNumber && s.kind != kindInteger && number < 0:
		b.problem(where, "%s %q is a length, and less than nothing", key, text)
	default:
		*bound = &number
	}
}

// fallback takes the default only if it would pass as an argument.
func (b *builder) fallback(text string, s *schema, where string) {
	var value any = text // what is no JSON stays text, and does not fit
	if parsed, err := parse([]byte(text)); err == nil && s.kind != kindString {
		value = parsed
	}
	var d decoder
	d.check(s, "default", value)
	if len(d.problems) > 0 {
		b.problem(where, "%s", strings.Join(d.problems, "; "))
		return
	}
	s.fallback = value
}
