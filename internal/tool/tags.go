package tool

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// knownTags are the tags that this package uses. foreignTags, in lower case, are tags of
// other libraries and keywords of JSON Schema, which would silently have no effect.
var (
	knownTags   = []string{"json", "doc", "title", "enum", "min", "max", "pattern", "format", "default", "example"}
	foreignTags = []string{
		"jsonschema", "jsonschema_description", "jsonschema_extras", "description", "desc", "required", "nullable",
		"minimum", "maximum", "exclusiveminimum", "exclusivemaximum", "multipleof", "minlength", "maxlength", "minitems", "maxitems", "uniqueitems",
		"len", "length", "gt", "gte", "lt", "lte", "oneof", "anyof", "options", "choices", "const", "examples", "regexp", "regex",
		"validate", "binding", "omitempty", "omitzero",
	}
)

// ineffective reports whether a tag without effect was probably meant for this package: it
// is a known tag in another case or with one wrong letter, or one of foreignTags.
func ineffective(key string) bool {
	lower := strings.ToLower(key)
	return !slices.Contains(knownTags, key) && (slices.Contains(knownTags, lower) || slices.Contains(foreignTags, lower) ||
		slices.ContainsFunc(knownTags[1:], func(known string) bool { return oneEdit(lower, known) }))
}

// oneEdit reports whether the words differ in one letter that is missing, added or
// replaced. For short known words only an added letter counts, because too many other
// words are similar: "in" is a tag of routers.
func oneEdit(word, known string) bool {
	i := 0
	for i < len(word) && i < len(known) && word[i] == known[i] {
		i++
	}
	longer := len(known) > len("min")
	return len(word) == len(known)+1 && word[i+1:] == known[i:] ||
		longer && len(word) == len(known) && i < len(word) && word[i+1:] == known[i+1:] ||
		longer && len(word)+1 == len(known) && word[i:] == known[i+1:]
}

// tags adds the meaning of a field's tags to its schema:
//
//	doc:"…"          what it means, for the model; required
//	title:"…"        its name for people
//	enum:"a,b,c"     the values of a string, or of a list's strings
//	min:"0" max:"9"  the range of a number, the length of a string or list
//	pattern:"^[a-z]" a regular expression that a string must match
//	format:"date"    date, date-time, email, uri or uuid
//	default:"a"      the value of an absent argument; makes the field optional
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
	b.checkEnum(s, where)
	s.fallback = b.given(tag, "default", s, where)
	s.example = b.given(tag, "example", s, where)
	if s.fallback != nil {
		f.required = false
	}
}

// keys checks the keys of a struct tag. It returns false if the tag is malformed, because
// reflect would silently ignore everything after the mistake.
func (b *builder) keys(tag, where string) bool {
	for tag != "" {
		key, rest, _ := strings.Cut(tag, ":")
		value, err := strconv.QuotedPrefix(rest)
		unusual := func(r rune) bool { return r <= ' ' || r == '"' || r == 0x7f }
		if err != nil || value[0] != '"' || key == "" || strings.ContainsFunc(key, unusual) {
			return false
		}
		if ineffective(key) {
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
			b.problem(where, "enum value %q is listed twice", value)
		case b.input && s.form == formText && !unmarshalsText(s.typ, value):
			b.problem(where, "enum value %q is not a valid %s", value, s.typ)
		}
	}
}

// checkEnum reports values of an enum that the other tags rule out.
func (b *builder) checkEnum(s *schema, where string) {
	if s.kind == kindArray {
		s = s.elem
	}
	for _, value := range s.enum {
		if !s.fits(value) {
			b.problem(where, "enum value %q is ruled out by min, max, pattern or format", value)
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
	if s.form == formSchemer {
		b.problem(where, "%s has no effect on type %s, which declares its schema: put it into JSONSchema", key, s.typ)
		return own
	}
	if !isNumber(text) {
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
	case s.kind == kindString && own != nil && n.compare(own.decimal) > 0:
		b.problem(where, "%s %q is over %s, the most that type %s allows", key, text, own.text, s.typ)
	case !s.reaches(n):
		b.problem(where, "%s %q is outside type %s", key, text, s.typ)
	default:
		return n
	}
	return own
}

// reaches reports whether the bound is within the range of the number's type. A bound
// outside has no effect, and JavaScript cannot represent a number such as 1e400.
func (s *schema) reaches(n *bound) bool {
	switch {
	case s.kind == kindInteger && s.form == formPlain:
		return holds(s.typ, n.text)
	case s.kind == kindNumber:
		bits := 64
		if s.form == formPlain {
			bits = s.typ.Bits()
		}
		_, err := strconv.ParseFloat(n.text, bits)
		return err == nil
	}
	return true
}

// maxLengthDigits limits lengths to numbers that fit an int.
const maxLengthDigits = 9

// given reads default or example, which must be a valid argument itself.
func (b *builder) given(tag reflect.StructTag, key string, s *schema, where string) *given {
	text, ok := tag.Lookup(key)
	if !ok {
		return nil
	}
	value := []byte(text)
	if s.kind == kindString || !json.Valid(value) { // if it is invalid, the check below reports the string
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
