package mcpclient

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"

	"serverless-mcp/internal/clients/printable"
)

// StatusError is a response that does not come from the MCP server but from a component in
// front of it, such as a gateway that rejected the key.
type StatusError struct {
	Code     int
	Body     string // the beginning, on one line, safe to print
	Location string // target of a redirect, which is not followed; safe to print
}

// Error implements error.
func (e *StatusError) Error() string {
	text := fmt.Sprintf("the server answered %d %s", e.Code, http.StatusText(e.Code))
	if e.Location != "" {
		return text + " to " + e.Location
	}
	if e.Body != "" {
		text += ": " + e.Body
	}
	return text
}

// httpClient returns the client for requests. total counts the bytes of all
// responses; nil limits each response only.
func httpClient(base http.RoundTripper, total *atomic.Int64) *http.Client {
	if base == nil {
		base = http.DefaultTransport
	}
	return &http.Client{
		Transport: statusTransport{base, total},
		// A redirect would carry the headers, and so the key, to another server.
		// statusTransport already makes it an error.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// statusTransport turns responses that are not JSON-RPC, which mcp-go would report as a
// legacy server or a lost session, into a [StatusError]. It limits every body.
type statusTransport struct {
	base  http.RoundTripper
	total *atomic.Int64
}

// RoundTrip implements http.RoundTripper.
func (t statusTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = limitBody(resp.Body, t.total)
	if resp.StatusCode < 300 {
		return resp, nil
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("read the response: %w", err)
	}
	if isJSONRPC(body) {
		resp.Body = io.NopCloser(bytes.NewReader(body))
		return resp, nil
	}
	return nil, &StatusError{Code: resp.StatusCode, Body: beginning(string(body)), Location: beginning(resp.Header.Get("Location"))}
}

func isJSONRPC(body []byte) bool {
	var message struct {
		Version string `json:"jsonrpc"`
	}
	return json.Unmarshal(body, &message) == nil && message.Version != ""
}

// beginning returns the beginning of a server's text, on one line and safe to
// print.
func beginning(text string) string {
	const most = 200
	if len(text) > 4*most {
		text = text[:4*most] // enough for most bytes after the blanks are removed
	}
	text = strings.Join(strings.Fields(printable.Line(text)), " ")
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}

// cause removes the wrapping of mcp-go and net/http around an error that is clear without
// it, and makes text of the server in the error safe to print.
func cause(err error) error {
	var status *StatusError
	if errors.As(err, &status) {
		return status
	}
	var large *TooLargeError
	if errors.As(err, &large) {
		return large
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return printableError{err}
}

// printableError is an error whose text, which may be a server's, is safe to print
// and has no line breaks.
type printableError struct{ error }

// Error implements error.
func (e printableError) Error() string { return printable.Line(e.error.Error()) }

// Unwrap returns the original error.
func (e printableError) Unwrap() error { return e.error }
