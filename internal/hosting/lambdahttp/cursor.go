package lambdahttp

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// cursor is a position in a JSON text. Its methods read the value at that position.
type cursor struct {
	text []byte
	at   int
}

// errEvent does not quote the event, which holds a key.
var errEvent = errors.New("it is not the JSON object that Lambda sends")

// object calls member for each member of an object, with its quoted name; member must
// read the value. null is an object without members.
func (c *cursor) object(member func(name []byte) error) error {
	if c.next() != '{' {
		return json.Unmarshal(c.value(), &struct{}{}) // an error unless it is null
	}
	c.at++
	for c.next() != '}' {
		name := c.value()
		if len(name) == 0 || name[0] != '"' || c.next() != ':' {
			return errEvent
		}
		c.at++
		if err := member(name); err != nil {
			return err
		}
		if c.next() == ',' {
			c.at++
		}
	}
	c.at++
	return nil
}

// string decodes a string. null leaves it unchanged.
func (c *cursor) string(into *string) error { return decodeString(c.value(), into) }

// skip skips a value.
func (c *cursor) skip() error {
	if len(c.value()) == 0 {
		return errEvent
	}
	return nil
}

// next skips white space and returns the next byte, or 0 at the end.
func (c *cursor) next() byte {
	for ; c.at < len(c.text); c.at++ {
		switch b := c.text[c.at]; b {
		case ' ', '\t', '\r', '\n':
		default:
			return b
		}
	}
	return 0
}

// value skips a value and returns it. It returns an empty slice if there is no value or
// the text ends within it.
func (c *cursor) value() []byte {
	c.next()
	start, depth := c.at, 0
	for c.at < len(c.text) {
		switch c.text[c.at] {
		case '"':
			if !c.skipText() {
				return nil
			}
			if depth == 0 {
				return c.text[start:c.at]
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 { // a number or literal ends with the object around it
				return c.text[start:c.at]
			}
			if depth--; depth == 0 {
				c.at++
				return c.text[start:c.at]
			}
		case ',', ':', ' ', '\t', '\r', '\n':
			if depth == 0 { // after a number or literal
				return c.text[start:c.at]
			}
		}
		c.at++
	}
	if depth > 0 {
		return nil
	}
	return c.text[start:]
}

// skipText skips a string and reports whether it has a closing quote.
func (c *cursor) skipText() bool {
	for begin := c.at + 1; ; {
		n := bytes.IndexByte(c.text[c.at+1:], '"')
		if n < 0 {
			return false
		}
		end := c.at + 1 + n
		escapes := 0
		for end-escapes > begin && c.text[end-escapes-1] == '\\' {
			escapes++
		}
		if c.at = end; escapes%2 == 0 {
			c.at++
			return true
		}
	}
}

// isText reports whether a value is a string in valid UTF-8. In other strings,
// encoding/json replaces the invalid bytes.
func isText(value []byte) bool { return len(value) > 1 && value[0] == '"' && utf8.Valid(value) }
