package tool

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// describe completes the sentence "city must be …".
func (s *schema) describe() string {
	switch s.kind {
	case kindObject:
		return "an object"
	case kindArray:
		return "a list" + s.count("item")
	case kindBoolean:
		return "true or false"
	case kindInteger:
		return "a whole number" + s.span()
	case kindNumber:
		return "a number" + s.span()
	}
	switch {
	case s.format != "":
		return "a time such as 2026-01-31T12:00:00Z"
	case len(s.enum) > 0:
		return alternatives(s.enum)
	case s.min != nil && *s.min == 1 && s.max == nil:
		return "a string that is not empty"
	default:
		return "a string" + s.count("character")
	}
}

// span returns the range of a number, such as " from 1 to 7".
func (s *schema) span() string {
	switch {
	case s.min != nil && s.max != nil:
		return fmt.Sprintf(" from %s to %s", plain(*s.min), plain(*s.max))
	case s.min != nil:
		return " of at least " + plain(*s.min)
	case s.max != nil:
		return " of at most " + plain(*s.max)
	}
	return ""
}

// count returns how many items or characters are allowed, such as " of 1 to 20
// characters".
func (s *schema) count(thing string) string {
	switch {
	case s.min != nil && s.max != nil:
		return fmt.Sprintf(" of %s to %s %ss", plain(*s.min), plain(*s.max), thing)
	case s.min != nil:
		return fmt.Sprintf(" of at least %s %s(s)", plain(*s.min), thing)
	case s.max != nil:
		return fmt.Sprintf(" of at most %s %s(s)", plain(*s.max), thing)
	}
	return ""
}

func plain(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// alternatives joins quoted values, such as: "a", "b" or "c".
func alternatives(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = strconv.Quote(v)
	}
	last := len(quoted) - 1
	if last == 0 {
		return quoted[0]
	}
	return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
}

// known lists the properties of an object, for a caller that sent another one.
func (s *schema) known() string {
	if len(s.fields) == 0 {
		return "; nothing is expected there"
	}
	names := make([]string, len(s.fields))
	for i, f := range s.fields {
		names[i] = f.name
	}
	return "; known: " + strings.Join(names, ", ")
}

// got returns an invalid value for an error text, shortened.
func got(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case map[string]any:
		return "an object"
	case []any:
		return fmt.Sprintf("a list of %d", len(value))
	case json.Number:
		return shorten(value.String())
	case string:
		return strconv.Quote(shorten(value))
	default:
		return fmt.Sprint(value)
	}
}

func shorten(text string) string {
	const most = 40
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
