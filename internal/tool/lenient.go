package tool

import (
	"context"
	"encoding/json"
	"strings"
)

// leniency is a set of the deviations that were accepted in the arguments of one
// call. They are mistakes of clients, not of models: see the constants.
type leniency int

const (
	lenientNull leniency = 1 << iota // null for an optional field counts as absent
	lenientText                      // a string with the JSON text of a value counts as the value
)

// words returns the names of the deviations for the log.
func (l leniency) words() string {
	var words []string
	if l&lenientNull != 0 {
		words = append(words, "null")
	}
	if l&lenientText != 0 {
		words = append(words, "json-text")
	}
	return strings.Join(words, ",")
}

// text accepts a string with the JSON text of a number, boolean, list or object, which
// some clients send instead of the value. It reports whether the text is of the right
// kind and, if it is a number or the type has a form of its own, valid.
func (d *decoder) text(s *schema, at *location, raw []byte) bool {
	text, ok := unquote(raw)
	if !ok || !json.Valid([]byte(text)) {
		return false
	}
	inner := trim([]byte(text))
	kind := kindOf(inner)
	switch {
	case kind != s.kind && (kind != kindNumber || s.kind != kindInteger):
		return false
	case s.form == formSchemer:
		if !unmarshalsJSON(s.typ, inner) {
			return false
		}
	case s.kind == kindNumber || s.kind == kindInteger:
		if _, ok := s.number(string(inner)); !ok {
			return false
		}
	}
	d.used |= lenientText
	d.matching(s, at, inner)
	return true
}

type leniencyKey struct{}

// WithLeniencyReport returns a context in which [Tool.Handle] reports that it
// accepted arguments which deviate from the schema: report gets one or more words
// for the log, such as "null,json-text", and never a value.
func WithLeniencyReport(ctx context.Context, report func(words string)) context.Context {
	return context.WithValue(ctx, leniencyKey{}, report)
}

func reportLeniency(ctx context.Context, used leniency) {
	if report, ok := ctx.Value(leniencyKey{}).(func(string)); ok && used != 0 {
		report(used.words())
	}
}
