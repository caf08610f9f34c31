package lambdahttp

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// UnmarshalJSON implements [json.Unmarshaler]. It decodes the members of an Event by
// encoding/json's rules, except that names are case-sensitive. In the values that it
// skips it checks only the nesting, because Lambda passes on only valid JSON.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
func (e *Event) UnmarshalJSON(text []byte) error {
	c := cursor{text: text}
	err := c.object(func(name []byte) error {
		switch string(name) {
		case `"rawPath"`:
			return c.string(&e.RawPath)
		case `"rawQueryString"`:
			return c.string(&e.RawQueryString)
		case `"cookies"`:
			return json.Unmarshal(c.value(), &e.Cookies)
		case `"headers"`:
			e.Header = make(http.Header, 16)
			return c.object(func(name []byte) error { return e.addHeader(&c, name) })
		case `"body"`:
			return e.Body.UnmarshalJSON(c.value())
		case `"isBase64Encoded"`:
			return json.Unmarshal(c.value(), &e.IsBase64Encoded)
		case `"requestContext"`:
			return e.RequestContext.decode(&c)
		}
		return c.skip()
	})
	if c.next(); err == nil && c.at < len(text) {
		return errEvent
	}
	return err
}

func (e *Event) addHeader(c *cursor, name []byte) error {
	var key, value string
	if err := decodeString(name, &key); err != nil {
		return err
	}
	err := c.string(&value)
	e.Header[http.CanonicalHeaderKey(key)] = []string{value}
	return err
}

func (r *RequestContext) decode(c *cursor) error {
	return c.object(func(name []byte) error {
		switch string(name) {
		case `"requestId"`:
			return c.string(&r.RequestID)
		case `"domainName"`:
			return c.string(&r.DomainName)
		case `"http"`:
			return c.object(func(name []byte) error {
				switch string(name) {
				case `"method"`:
					return c.string(&r.HTTP.Method)
				case `"sourceIp"`:
					return c.string(&r.HTTP.SourceIP)
				}
				return c.skip()
			})
		case `"authorizer"`:
			if c.next() == 'n' {
				return c.skip()
			}
			r.Authorizer = &Authorizer{}
			return r.Authorizer.decode(c)
		}
		return c.skip()
	})
}

func (a *Authorizer) decode(c *cursor) error {
	return c.object(func(name []byte) error {
		if string(name) != `"lambda"` {
			return c.skip()
		}
		a.Lambda = map[string]any{}
		return c.object(func(name []byte) error { return a.add(c, name) })
	})
}

// add adds a member of the context, which is nearly always a string.
func (a *Authorizer) add(c *cursor, name []byte) error {
	var key, text string
	if err := decodeString(name, &key); err != nil {
		return err
	}
	if c.next() == '"' {
		err := c.string(&text)
		a.Lambda[key] = text
		return err
	}
	var other any
	err := json.Unmarshal(c.value(), &other)
	a.Lambda[key] = other
	return err
}

// UnmarshalJSON implements [json.Unmarshaler]. It decodes as encoding/json does.
func (b *Body) UnmarshalJSON(quoted []byte) error {
	if !isText(quoted) {
		var text string
		err := json.Unmarshal(quoted, &text)
		*b = Body(text)
		return err
	}
	*b = unquote(quoted[1 : len(quoted)-1])
	return nil
}

// decodeString decodes a string. null leaves it unchanged.
func decodeString(value []byte, into *string) error {
	if isText(value) && bytes.IndexByte(value, '\\') < 0 {
		*into = string(value[1 : len(value)-1])
		return nil
	}
	decoded := *into // a copy, so that into does not escape to the heap
	err := json.Unmarshal(value, &decoded)
	*into = decoded
	return err
}
