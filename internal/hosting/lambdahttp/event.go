package lambdahttp

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// Event is an event of an HTTP API or a Function URL.
type Event struct {
	events.APIGatewayV2HTTPRequest      // without its Body
	Body                           Body `json:"body"`
}

// NewEvent converts an event that is complete, as tests make it.
func NewEvent(e events.APIGatewayV2HTTPRequest) Event {
	event := Event{APIGatewayV2HTTPRequest: e, Body: Body(e.Body)}
	event.APIGatewayV2HTTPRequest.Body = ""
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
