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
)

// maxAnswer is more than API Gateway lets through, and keeps a hostile server
// from filling our memory with an error page.
const maxAnswer = 12 << 20

// StatusError is an answer that is not the MCP server's: something in front of
// it refused, or failed.
type StatusError struct {
	Code     int
	Body     string // the beginning, for the user's eyes
	Location string // where a redirect points, which was not followed
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

// httpClient makes the client that requests go through.
func httpClient(base http.RoundTripper) *http.Client {
	if base == nil {
		base = http.DefaultTransport
	}
	return &http.Client{
		Transport: statusKeeper{base},
		// Headers follow a redirect, wherever it leads. The key must not:
		// statusKeeper stops it, and this would if that did not.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// statusKeeper turns answers that are no JSON-RPC into a [StatusError], which
// mcp-go would otherwise report as a legacy server, or as a lost session.
type statusKeeper struct{ base http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (k statusKeeper) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := k.base.RoundTrip(r)
	if err != nil || resp.StatusCode < 300 {
		return resp, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if isJSONRPC(body) {
		resp.Body = io.NopCloser(bytes.NewReader(body))
		return resp, nil
	}
	return nil, &StatusError{Code: resp.StatusCode, Body: beginning(body), Location: resp.Header.Get("Location")}
}

func isJSONRPC(body []byte) bool {
	var message struct {
		Version string `json:"jsonrpc"`
	}
	return json.Unmarshal(body, &message) == nil && message.Version != ""
}

// beginning is as much of body as fits a line, with control characters, which
// could do things to a terminal, taken out.
func beginning(body []byte) string {
	const most = 200
	text := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(string(body), "?"))
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}

// plain strips the library's and net/http's wrapping off an error whose cause
// says it all.
func plain(err error) error {
	var status *StatusError
	if errors.As(err, &status) {
		return status
	}
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
