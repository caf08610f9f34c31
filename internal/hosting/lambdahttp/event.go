package lambdahttp

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// Event is an event of an HTTP API or a Function URL. It has the members that are used:
// decoding the others would take a thirtieth of a call's CPU time.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.proxy-format
type Event struct {
	RawPath         string            `json:"rawPath"`
	RawQueryString  string            `json:"rawQueryString"`
	Cookies         []string          `json:"cookies"`
	Headers         map[string]string `json:"headers"`
	Body            Body              `json:"body"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
	RequestContext  RequestContext    `json:"requestContext"`
}

// RequestContext is what the gateway adds to a request.
type RequestContext struct {
	RequestID  string `json:"requestId"`
	DomainName string `json:"domainName"`
	HTTP       struct {
		Method   string `json:"method"`
		SourceIP string `json:"sourceIp"`
	} `json:"http"`
	Authorizer *Authorizer `json:"authorizer"` // nil means that the route has none
}

// Authorizer is the result of the route's authorizer.
type Authorizer struct {
	Lambda map[string]any `json:"lambda"` // the context that a Lambda authorizer returned
}

// NewEvent converts an event of aws-lambda-go, as tests make it.
func NewEvent(e events.APIGatewayV2HTTPRequest) Event {
	event := Event{
		RawPath: e.RawPath, RawQueryString: e.RawQueryString, Cookies: e.Cookies, Headers: e.Headers,
		Body: Body(e.Body), IsBase64Encoded: e.IsBase64Encoded,
		RequestContext: RequestContext{RequestID: e.RequestContext.RequestID, DomainName: e.RequestContext.DomainName},
	}
	event.RequestContext.HTTP.Method = e.RequestContext.HTTP.Method
	event.RequestContext.HTTP.SourceIP = e.RequestContext.HTTP.SourceIP
	if a := e.RequestContext.Authorizer; a != nil {
		event.RequestContext.Authorizer = &Authorizer{Lambda: a.Lambda}
	}
	return event
}

// Body is the body of an event. Its JSON form is a string, which is decoded into
// memory of its own at once: by way of a Go string, a large body would be copied twice
// more.
type Body []byte

// UnmarshalJSON implements [json.Unmarshaler]. It decodes as encoding/json does.
func (b *Body) UnmarshalJSON(quoted []byte) error {
	if quoted[0] != '"' || !utf8.Valid(quoted) { // no string, or one whose bytes encoding/json replaces
		var text string
		err := json.Unmarshal(quoted, &text)
		*b = Body(text)
		return err
	}
	*b = unquote(quoted[1 : len(quoted)-1])
	return nil
}

// unquote decodes a valid JSON string without its quotes.
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
	char, rest = hexadecimal(text), text[4:]
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
	value, _ := strconv.ParseUint(string(text[:4]), 16, 32) // a valid string has four digits
	return rune(value)
}
