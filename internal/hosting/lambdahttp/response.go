package lambdahttp

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// largeText is the size above which a text body is sent as base64. The response is
// sent inside JSON, in which a quote takes two bytes and a control character six;
// base64 takes four bytes for three. So the payload is at most 4/3 of the body plus
// six times largeText, and Lambda's limit of 6 MB can be kept by limiting the body.
const largeText = 256 << 10

// writer collects a response. It does not implement http.Flusher on purpose.
type writer struct {
	header  http.Header
	status  int               // zero until it is written
	sent    map[string]string // the header at that time, without cookies
	cookies []string
	body    bytes.Buffer
}

func (w *writer) Header() http.Header {
	if w.header == nil {
		w.header = http.Header{}
	}
	return w.header
}

// WriteHeader stores the first final status. Later ones are ignored, and so are
// informational ones, which a function cannot send.
func (w *writer) WriteHeader(status int) {
	if w.status != 0 || status < http.StatusOK {
		return
	}
	w.status = status
	w.sent, w.cookies = joined(w.header), slices.Clone(w.header["Set-Cookie"])
}

func (w *writer) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

// response returns what was written in the gateway's format: cookies separate,
// repeated headers joined, and a body that is not text as base64.
func (w *writer) response() events.APIGatewayV2HTTPResponse {
	w.WriteHeader(http.StatusOK)
	body := w.body.Bytes()
	response := events.APIGatewayV2HTTPResponse{StatusCode: w.status, Headers: w.sent, Cookies: w.cookies}
	if len(body) > 0 && w.sent["Content-Type"] == "" {
		response.Headers["Content-Type"] = http.DetectContentType(body)
	}
	if len(body) > largeText || !utf8.Valid(body) {
		response.Body, response.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	} else {
		response.Body = string(body)
	}
	return response
}

// joined returns headers in the gateway's format: each name once, its values joined,
// without cookies.
func joined(header http.Header) map[string]string {
	out := make(map[string]string, len(header)+1)
	for name, values := range header {
		if name != "Set-Cookie" {
			out[name] = strings.Join(values, ", ")
		}
	}
	return out
}

// plain returns a response like the gateway's own.
func plain(status int) events.APIGatewayV2HTTPResponse {
	return events.APIGatewayV2HTTPResponse{
		StatusCode: status,
		Headers:    map[string]string{"Content-Type": "application/json"},
		Body:       `{"message":"` + http.StatusText(status) + `"}`,
	}
}
