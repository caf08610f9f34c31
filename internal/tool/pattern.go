package tool

import (
	"regexp"
	"strings"
	"unicode"
)

// pattern compiles a pattern. It reports a problem if Go and ECMAScript would not
// interpret it in the same way.
func (b *builder) pattern(text, where string) *regexp.Regexp {
	compiled, err := regexp.Compile(text)
	if err != nil {
		b.problem(where, "pattern %q is not a regular expression of Go: %s", text, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		return nil
	}
	if odd := goOnly(text); odd != "" {
		b.problem(where, "pattern %q uses syntax of Go that clients do not know: %s", text, odd)
		return nil
	}
	return compiled
}

// goOnly returns the first part of a valid Go regular expression that ECMAScript rejects
// or interprets differently; "" if there is none. JavaScript clients compile patterns with
// the flag u (https://ajv.js.org/options.html#unicoderegexp), which forbids escapes without
// a meaning and brackets that are not part of the syntax
// (https://tc39.es/ecma262/#sec-patterns).
func goOnly(text string) string {
	s := patternScanner{rest: text}
	for s.rest != "" {
		if odd := s.next(); odd != "" {
			return odd
		}
	}
	return ""
}

// patternScanner reads a regular expression that Go has compiled and that is therefore
// complete.
type patternScanner struct {
	rest      string
	assertion string // what is just before rest, if it is ^, $, \b or \B
}

// next reads one part and returns it if only Go interprets it in this way; otherwise "".
func (s *patternScanner) next() string {
	before := s.assertion
	s.assertion = ""
	switch s.rest[0] {
	case '\\':
		return s.escape(false)
	case '[':
		return s.class()
	case '(':
		if strings.HasPrefix(s.rest, "(?") && !strings.HasPrefix(s.rest, "(?:") {
			return s.rest[:3]
		}
	case '{':
		n := quantifier(s.rest)
		if n == 0 {
			return "{"
		}
		return s.repeat(before, n)
	case '*', '+', '?':
		return s.repeat(before, 1)
	case ']', '}':
		return s.rest[:1]
	case '^', '$':
		s.assertion = s.rest[:1]
	}
	s.rest = s.rest[1:]
	return ""
}

// repeat reads a quantifier of n bytes. ECMAScript does not allow one after an assertion.
func (s *patternScanner) repeat(assertion string, n int) string {
	if assertion != "" {
		return assertion + s.rest[:n]
	}
	s.rest = s.rest[n:]
	return ""
}

// quantifier returns the length of a quantifier in braces; 0 if the brace is a literal,
// which only Go allows.
func quantifier(text string) int {
	inner, _, closed := strings.Cut(text[1:], "}")
	least, most, _ := strings.Cut(inner, ",")
	if !closed || least == "" || strings.Trim(least+most, digits) != "" {
		return 0
	}
	return len(inner) + 2
}

// class reads a class in brackets.
func (s *patternScanner) class() string {
	open := "["
	if strings.HasPrefix(s.rest, "[^") {
		open = "[^"
	}
	if s.rest = s.rest[len(open):]; s.rest[0] == ']' {
		return open + "]" // an empty class; in Go the bracket is a member
	}
	for s.rest[0] != ']' {
		if strings.HasPrefix(s.rest, "[:") {
			return "[:"
		}
		if s.rest[0] != '\\' {
			s.rest = s.rest[1:]
			continue
		}
		escaped := s.rest
		if odd := s.escape(true); odd != "" {
			return odd
		}
		escaped = escaped[:len(escaped)-len(s.rest)]
		if strings.Contains("dDwWsSpP", escaped[1:2]) && len(s.rest) > 1 && s.rest[0] == '-' && s.rest[1] != ']' {
			return escaped + s.rest[:2] // a range that begins with a class; in Go the dash is a member
		}
	}
	s.rest = s.rest[1:]
	return ""
}

// escape reads an escape sequence.
func (s *patternScanner) escape(inClass bool) string {
	kind, n := s.rest[1], 2
	switch {
	case strings.IndexByte("dDwWsStnrfv", kind) >= 0, strings.IndexByte(`^$\.*+?()[]{}|/`, kind) >= 0, kind == '-' && inClass:
	case kind == 'b' || kind == 'B':
		s.assertion = s.rest[:2]
	case kind == 'x' && s.rest[2] != '{':
		n = 4
	case kind == 'p' || kind == 'P':
		name, _, ok := strings.Cut(s.rest[2:], "}")
		if n += len(name) + 1; !ok || name[0] != '{' || !category(name[1:]) {
			return s.rest[:min(n, len(s.rest))]
		}
	default:
		return s.rest[:2]
	}
	s.rest = s.rest[n:]
	return ""
}

// category reports whether a name after \p is a general category, such as L, Lu or
// Letter. Scripts differ: ECMAScript requires Script=Greek and Go requires Greek.
func category(name string) bool {
	_, alias := unicode.CategoryAliases[name]
	return unicode.Categories[name] != nil || alias || name == "Any"
}
