package lambdahttp

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"unicode/utf8"
)

// UnmarshalJSON implements [json.Unmarshaler]. It decodes the members of an Event by
// encoding/json's rules, except that names must be in this case. Of what it skips it
// checks only the nesting: Lambda passes on nothing but valid JSON.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
func (e *Event) UnmarshalJSON(text []byte) error {
	return decodeObject(text, func(name, value []byte) error {
		switch string(name) {
		case `"rawPath"`:
			return decodeText(value, &e.RawPath)
		case `"rawQueryString"`:
			return decodeText(value, &e.RawQueryString)
		case `"cookies"`:
			return json.Unmarshal(value, &e.Cookies)
		case `"headers"`:
			e.Header = make(http.Header, 16)
			return decodeObject(value, e.addHeader)
		case `"body"`:
			return e.Body.UnmarshalJSON(value)
		case `"isBase64Encoded"`:
			return json.Unmarshal(value, &e.IsBase64Encoded)
		case `"requestContext"`:
			return e.RequestContext.decode(value)
		}
		return nil
	})
}

func (e *Event) addHeader(name, value []byte) error {
	var key, text string
	err := errors.Join(decodeText(name, &key), decodeText(value, &text))
	e.Header[http.CanonicalHeaderKey(key)] = []string{text}
	return err
}

func (c *RequestContext) decode(text []byte) error {
	return decodeObject(text, func(name, value []byte) error {
		switch string(name) {
		case `"requestId"`:
			return decodeText(value, &c.RequestID)
		case `"domainName"`:
			return decodeText(value, &c.DomainName)
		case `"http"`:
			return decodeObject(value, func(name, value []byte) error {
				switch string(name) {
				case `"method"`:
					return decodeText(value, &c.HTTP.Method)
				case `"sourceIp"`:
					return decodeText(value, &c.HTTP.SourceIP)
				}
				return nil
			})
		case `"authorizer"`:
			if string(value) == "null" {
				return nil
			}
			c.Authorizer = &Authorizer{}
			return c.Authorizer.decode(value)
		}
		return nil
	})
}

func (a *Authorizer) decode(text []byte) error {
	return decodeObject(text, func(name, value []byte) error {
		if string(name) != `"lambda"` {
			return nil
		}
		a.Lambda = map[string]any{}
		return decodeObject(value, a.add)
	})
}

// add adds a member of the context, which is nearly always a string.
func (a *Authorizer) add(name, value []byte) error {
	var key, text string
	err := decodeText(name, &key)
	if value[0] == '"' {
		err = errors.Join(err, decodeText(value, &text))
		a.Lambda[key] = text
		return err
	}
	var other any
	err = errors.Join(err, json.Unmarshal(value, &other))
	a.Lambda[key] = other
	return err
}

// decodeText decodes a string. null leaves it unchanged.
func decodeText(value []byte, text *string) error {
	if value[0] == '"' && bytes.IndexByte(value, '\\') < 0 && utf8.Valid(value) {
		*text = string(value[1 : len(value)-1])
		return nil
	}
	return json.Unmarshal(value, text)
}

// errEvent does not quote the event, which holds a key.
var errEvent = errors.New("it is not the JSON object that Lambda sends")

// decodeObject calls member with each name, still in quotes, and value of an object.
// null has none.
func decodeObject(text []byte, member func(name, value []byte) error) error {
	c := cursor{text: text}
	if c.next() != '{' {
		return json.Unmarshal(text, &struct{}{}) // an error unless it is null
	}
	c.at++
	for c.next() != '}' {
		name := c.value()
		if len(name) == 0 || name[0] != '"' || c.next() != ':' {
			return errEvent
		}
		c.at++
		c.next()
		value := c.value()
		if len(value) == 0 {
			return errEvent
		}
		if err := member(name, value); err != nil {
			return err
		}
		if c.next() == ',' {
			c.at++
		}
	}
	c.at++
	if c.next(); c.at < len(text) {
		return errEvent
	}
	return nil
}

// cursor is a place in a JSON text.
type cursor struct {
	text []byte
	at   int
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

// value skips a value and returns it. It returns nothing if the text ends in the value.
func (c *cursor) value() []byte {
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
			if depth == 0 { // of the object around a number or literal
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
	return nil
}

// skipText skips a string and reports whether it ends.
func (c *cursor) skipText() bool {
	for c.at++; c.at < len(c.text); c.at++ {
		switch c.text[c.at] {
		case '"':
			c.at++
			return true
		case '\\':
			c.at++
		}
	}
	return false
}
