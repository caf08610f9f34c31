package doctor

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// response is a response with its body.
type response struct {
	status int
	header http.Header
	body   []byte
	took   time.Duration
}

// readBody reads a body, or the first message of an event stream. It does not
// read the stream that a GET opens, because that may stay silent.
func readBody(resp *http.Response) ([]byte, error) {
	body := io.LimitReader(resp.Body, maxBody)
	if !isStream(resp.Header) {
		return io.ReadAll(body)
	}
	if resp.Request.Method == http.MethodGet {
		return nil, nil
	}
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, maxBody)
	for lines.Scan() {
		if data, found := bytes.CutPrefix(lines.Bytes(), []byte("data:")); found && json.Valid(data) {
			return bytes.Clone(bytes.TrimSpace(data)), nil
		}
	}
	return nil, lines.Err() // nil at the end of the stream
}

func isStream(h http.Header) bool {
	return strings.HasPrefix(h.Get("Content-Type"), "text/event-stream")
}

// withoutURL removes the wrapping of net/http, which repeats method and URL.
func withoutURL(err error) error {
	if u, ok := err.(*url.Error); ok {
		return u.Err
	}
	return err
}

// message is a JSON-RPC response.
type message struct {
	Version string          `json:"jsonrpc"`
	Result  json.RawMessage `json:"result"`
	Error   *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

// message parses the body as JSON-RPC. It returns false if it is not.
func (r response) message() (message, bool) {
	var m message
	err := json.Unmarshal(r.body, &m)
	return m, err == nil && m.Version == "2.0"
}

// String returns the status and the JSON-RPC error.
func (r response) String() string {
	text := strings.TrimSpace(fmt.Sprintf("%d %s", r.status, http.StatusText(r.status)))
	if m, ok := r.message(); ok && m.Error != nil {
		text += fmt.Sprintf(", error %d %q", m.Error.Code, shortened(m.Error.Message))
	}
	return text
}

// shortened cuts a server's text to the length of a line.
func shortened(text string) string {
	const most = 200
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "..."
}

// accepted reports whether the request was executed.
func (r response) accepted() bool {
	m, isMessage := r.message()
	return r.status < 300 && isMessage && m.Result != nil
}

// rejected reports whether the server rejected the caller.
func (r response) rejected() bool {
	return r.status == http.StatusUnauthorized || r.status == http.StatusForbidden
}
