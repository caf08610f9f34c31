package tool

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// describe completes the sentence "city must be …" for a schema that rejected the
// value raw.
func (s *schema) describe(raw []byte) string {
	switch s.kind {
	case kindObject:
		if s.form != formPlain {
			return "a valid " + typeName(s.typ)
		}
		return "an object"
	case kindArray:
		if len(s.elem.enum) > 0 {
			return "a list" + s.count("item") + ", each " + alternatives(s.elem.enum)
		}
		return "a list" + s.count("item")
	case kindBoolean:
		return "true or false"
	case kindInteger:
		return "a whole number" + s.numberRange(raw)
	case kindNumber:
		return "a number" + s.numberRange(raw)
	case kindString:
		return s.describeString(raw)
	}
	return "a valid " + typeName(s.typ)
}

func (s *schema) describeString(raw []byte) string {
	if len(s.enum) > 0 {
		return alternatives(s.enum)
	}
	switch s.form {
	case formDuration:
		return "a duration such as 1h30m or 45s"
	case formQuoted:
		return s.elem.describeInQuotes(raw)
	}
	what, example := s.stringKind()
	switch {
	case what != "":
	case s.min != nil && s.min.length == 1 && s.max == nil && s.pattern == nil:
		return "a string that is not empty" + s.suchAs("")
	default:
		what = "a string"
	}
	what += s.count("character")
	if s.pattern != nil {
		what += " that matches " + s.pattern.String()
	}
	if (s.min != nil || s.max != nil || s.pattern != nil) && !s.fits(strings.Trim(example, `"`)) {
		example = "" // the common example breaks the field's own rules
	}
	return what + s.suchAs(example)
}

// stringKind returns a description of a string by its type or format, and an example;
// both are "" if any text is allowed.
func (s *schema) stringKind() (what, example string) {
	switch s.form {
	case formBytes:
		return "base64", ""
	case formText:
		return textForm(s.typ)
	}
	return describeFormat(s.format)
}

// suchAs returns " such as" and the declared example or, if there is none, the given one.
func (s *schema) suchAs(example string) string {
	if s.example != nil {
		example = string(s.example.text)
	}
	if example == "" {
		return ""
	}
	return " such as " + example
}

// describeFormat completes "must be …" for the formats of strings, with an example.
func describeFormat(format string) (what, example string) {
	switch format {
	case formatDate:
		return "a date", "2026-01-31"
	case formatDateTime:
		return "a time", "2026-01-31T12:00:00Z"
	case formatEmail:
		return "an email address", "ada@example.com"
	case formatURI:
		return "a URI", "https://example.com/path"
	case formatUUID:
		return "a UUID", "123e4567-e89b-12d3-a456-426614174000"
	}
	return "", ""
}

// textForm is [describeFormat] for a type with text methods.
func textForm(t reflect.Type) (what, example string) {
	switch t.String() {
	case "netip.Addr", "net.IP":
		return "an IP address", "192.0.2.1"
	case "netip.Prefix":
		return "an IP prefix", "192.0.2.0/24"
	case "netip.AddrPort":
		return "an IP address with a port", "192.0.2.1:443"
	case "big.Float", "big.Rat":
		return "a string with a number", `"1.5"`
	case "uuid.UUID":
		return describeFormat(formatUUID)
	}
	return "a string with a valid " + typeName(t), ""
}

// typeName returns the type's name without its package, which callers do not know.
func typeName(t reflect.Type) string {
	if t == nil || t.Name() == "" {
		return "value"
	}
	name, _, _ := strings.Cut(t.Name(), "[")
	return name
}

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

// known lists the properties of an object, for a caller that sent an unknown one.
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

// got describes an invalid value in an error text. It shortens long values.
func got(raw []byte) string {
	switch kindOf(raw) {
	case kindObject:
		return "an object"
	case kindArray:
		return fmt.Sprintf("a list of %d", count(raw))
	case kindString:
		text, ok := unquote(raw)
		if !ok {
			return "text that is not valid Unicode"
		}
		return strconv.Quote(shorten(text))
	}
	return shorten(string(raw))
}

func shorten(text string) string {
	const most = 40
	if len(text) > most {
		if runes := []rune(text); len(runes) > most {
			return string(runes[:most]) + "…"
		}
	}
	return text
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
