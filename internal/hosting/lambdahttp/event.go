package lambdahttp

import (
	"bytes"
	"net/http"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// Event is an event of an HTTP API or a Function URL, with the members that are used.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.proxy-format
type Event struct {
	RawPath         string
	RawQueryString  string
	Cookies         []string
	Header          http.Header // one value for each name: repeated headers arrive joined
	Body            Body
	IsBase64Encoded bool
	RequestContext  RequestContext
}

// RequestContext is what the gateway adds to a request.
type RequestContext struct {
	RequestID  string
	DomainName string
	HTTP       struct{ Method, SourceIP string }
	Authorizer *Authorizer // nil means that the route has none
}

// Authorizer is the result of the route's authorizer.
type Authorizer struct {
	Lambda map[string]any // the context that a Lambda authorizer returned
}

// NewEvent converts an event of aws-lambda-go. It is for tests.
func NewEvent(e events.APIGatewayV2HTTPRequest) Event {
	event := Event{
		RawPath: e.RawPath, RawQueryString: e.RawQueryString, Cookies: e.Cookies, Header: make(http.Header, len(e.Headers)),
		Body: Body(e.Body), IsBase64Encoded: e.IsBase64Encoded,
		RequestContext: RequestContext{RequestID: e.RequestContext.RequestID, DomainName: e.RequestContext.DomainName},
	}
	event.RequestContext.HTTP.Method = e.RequestContext.HTTP.Method
	event.RequestContext.HTTP.SourceIP = e.RequestContext.HTTP.SourceIP
	for name, value := range e.Headers {
		event.Header[http.CanonicalHeaderKey(name)] = []string{value}
	}
	if a := e.RequestContext.Authorizer; a != nil {
		event.RequestContext.Authorizer = &Authorizer{Lambda: a.Lambda}
	}
	return event
}

// Body is the body of an event. Its JSON form is a string, which is decoded directly into
// a new slice: decoding it into a Go string first would copy a large body twice more.
type Body []byte

// unquote decodes a JSON string without its quotes.
func unquote(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for {
		at := bytes.IndexByte(text, '\\')
		if at < 0 {
			return append(out, text...)
		}
		out = append(out, text[:at]...)
		letter := text[at+1]
		text = text[at+2:]
		switch letter {
		case 'u':
			var char rune
			char, text = unescape(text)
			out = utf8.AppendRune(out, char)
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		default: // a quote, a slash or a backslash
			out = append(out, letter)
		}
	}
}

// unescape decodes the hexadecimal digits after \u, with the second half of a surrogate
// pair, and returns the rest of the text. Half a pair is U+FFFD.
func unescape(text []byte) (char rune, rest []byte) {
	char, rest = hexadecimal(text), text[min(4, len(text)):]
	if !utf16.IsSurrogate(char) {
		return char, rest
	}
	if bytes.HasPrefix(rest, []byte(`\u`)) {
		if pair := utf16.DecodeRune(char, hexadecimal(rest[2:])); pair != utf8.RuneError {
			return pair, rest[6:]
		}
	}
	return utf8.RuneError, rest
}

func hexadecimal(text []byte) rune {
	value, err := strconv.ParseUint(string(text[:min(4, len(text))]), 16, 32)
	if err != nil { // a valid string has four digits
		return utf8.RuneError
	}
	return rune(value)
}
