package tool

import (
	"encoding/json"
	"reflect"
	"strings"
)

// quoted describes a field whose json tag has the option "string": a number or boolean
// that is sent as text. encoding/json ignores the option for other types.
func (b *builder) quoted(t reflect.Type, value *schema, where string) *schema {
	if t.Name() == "" && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t.Kind() == reflect.String && t != numberType:
		b.problem(where, `json option "string" would put a string in quotes twice; leave it out`)
		return value
	case t.Kind() == reflect.Pointer, value.form != formPlain && t != numberType,
		value.kind != kindInteger && value.kind != kindNumber && value.kind != kindBoolean:
		b.problem(where, `json option "string" is for numbers and booleans; leave it out`)
		return value
	}
	return &schema{kind: kindString, form: formQuoted, typ: value.typ, elem: value}
}

// inQuotes returns the value in a text in the form that encoding/json decodes; ok is false
// if the schema does not allow the text.
func (s *schema) inQuotes(text string) (decoded string, ok bool) {
	if s.kind == kindBoolean {
		return text, text == "true" || text == "false"
	}
	if !isNumber(text) {
		return "", false
	}
	if decoded, ok = s.number(text); s.kind == kindInteger && decoded != text {
		return "", false // 3.0 and 3e0, which encoding/json rejects here
	}
	return decoded, ok
}

// isNumber reports whether the text is a JSON number and nothing else.
func isNumber(text string) bool {
	return json.Valid([]byte(text)) && strings.Contains("-"+digits, text[:1]) && strings.TrimSpace(text) == text
}

// quotedPattern returns a regular expression that the value's text matches.
func (s *schema) quotedPattern() string {
	switch {
	case s.kind == kindBoolean:
		return "^(true|false)$"
	case s.kind == kindNumber:
		return `^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`
	case s.min != nil && s.min.signum() >= 0:
		return "^(0|[1-9][0-9]*)$"
	}
	return "^(0|-?[1-9][0-9]*)$"
}

// describeInQuotes completes "must be …" for a value that is sent as text.
func (s *schema) describeInQuotes(raw []byte) string {
	if s.kind == kindBoolean {
		return alternatives([]string{"true", "false"})
	}
	if kindOf(raw) == kindString {
		if text, ok := unquote(raw); ok && isNumber(text) {
			raw = []byte(text)
		}
	}
	if s.kind == kindInteger {
		return "a string with the digits of " + s.describe(raw)
	}
	return "a string with " + s.describe(raw)
}
