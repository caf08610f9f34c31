package mcphttp

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// scanner reads JSON (RFC 8259) without decoding it.
type scanner struct {
	data   []byte
	pos    int
	values int
}

// next returns the next byte, or 0 at the end.
func (s *scanner) next() byte {
	if s.pos < len(s.data) {
		return s.data[s.pos]
	}
	return 0
}

// simple reports whether the next value is neither an object nor an array.
func (s *scanner) simple() bool { return s.next() != '{' && s.next() != '[' }

func (s *scanner) space() {
	for s.pos < len(s.data) {
		switch s.data[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return
		}
	}
}

// value reads a value inside depth objects and arrays.
func (s *scanner) value(depth int) error {
	if s.values++; s.values > maxValues {
		return limitError(fmt.Sprintf("the message has more than %d JSON values", maxValues))
	}
	switch c := s.next(); {
	case c == '{':
		return s.object(depth+1, nil)
	case c == '[':
		return s.array(depth + 1)
	case c == '"':
		return s.text()
	case c == '-' || '0' <= c && c <= '9':
		return s.number()
	}
	for _, literal := range []string{"true", "false", "null"} {
		if len(s.data)-s.pos >= len(literal) && string(s.data[s.pos:s.pos+len(literal)]) == literal {
			s.pos += len(literal)
			return nil
		}
	}
	return errSyntax
}

// object reads an object at the given depth. It calls member, if not nil, with the name
// of each member, to read the value.
func (s *scanner) object(depth int, member func(name string) error) error {
	return s.list(depth, '}', func() error {
		start := s.pos
		if err := s.text(); err != nil {
			return err
		}
		name := s.data[start:s.pos]
		if s.space(); s.next() != ':' {
			return errSyntax
		}
		s.pos++
		s.space()
		if member == nil {
			s.values++ // the name also takes memory
			return s.value(depth)
		}
		if len(name) > maxText {
			return limitError(fmt.Sprintf("a member's name is larger than %d bytes", maxText))
		}
		decoded, err := unquote(name)
		if err != nil {
			return err
		}
		return member(decoded)
	})
}

// unquote returns the text of a JSON string that [scanner.text] has read.
func unquote(quoted []byte) (string, error) {
	if bytes.IndexByte(quoted, '\\') < 0 { // the usual case, and cheaper
		return string(quoted[1 : len(quoted)-1]), nil
	}
	var decoded string
	if json.Unmarshal(quoted, &decoded) != nil {
		return "", errSyntax
	}
	return decoded, nil
}

func (s *scanner) array(depth int) error {
	return s.list(depth, ']', func() error { return s.value(depth) })
}

// list reads items separated by commas up to end.
func (s *scanner) list(depth int, end byte, item func() error) error {
	if depth > maxDepth {
		return limitError(fmt.Sprintf("the message is nested deeper than %d levels", maxDepth))
	}
	s.pos++
	if s.space(); s.next() == end {
		s.pos++
		return nil
	}
	for {
		if err := item(); err != nil {
			return err
		}
		s.space()
		switch s.next() {
		case ',':
			s.pos++
			s.space()
		case end:
			s.pos++
			return nil
		default:
			return errSyntax
		}
	}
}

// text reads a string.
func (s *scanner) text() error {
	if s.next() != '"' {
		return errSyntax
	}
	for s.pos++; s.pos < len(s.data); s.pos++ {
		switch c := s.data[s.pos]; {
		case c == '"':
			s.pos++
			return nil
		case c < ' ':
			return errSyntax
		case c == '\\':
			if s.pos++; !s.escape() {
				return errSyntax
			}
		}
	}
	return errSyntax
}

// escape reads an escape sequence after its backslash, up to its last byte.
func (s *scanner) escape() bool {
	switch s.next() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		for range 4 {
			s.pos++
			c := s.next()
			if !('0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f') {
				return false
			}
		}
		return true
	}
	return false
}

// number reads a number: -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
func (s *scanner) number() error {
	if s.next() == '-' {
		s.pos++
	}
	if s.next() == '0' {
		s.pos++
	} else if !s.digits() {
		return errSyntax
	}
	if s.next() == '.' {
		if s.pos++; !s.digits() {
			return errSyntax
		}
	}
	if s.next()|0x20 == 'e' {
		s.pos++
		if c := s.next(); c == '+' || c == '-' {
			s.pos++
		}
		if !s.digits() {
			return errSyntax
		}
	}
	return nil
}

// digits reads one digit or more.
func (s *scanner) digits() bool {
	start := s.pos
	for c := s.next(); '0' <= c && c <= '9'; c = s.next() {
		s.pos++
	}
	return s.pos > start
}
