package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"serverless-mcp/internal/clients/mcpclient"
)

// maxBody is as much of an answer as is looked at.
const maxBody = 8 << 20

// An exam is what is known so far.
type exam struct {
	Options
	client   *http.Client
	endpoint *url.URL // the URL in its parts; empty if it is none

	noNetwork string // why nothing can be sent; empty: it can
	noKey     string // why there is no key to send; empty: there is one
	noList    string // why tools/list is no measure of anything; empty: it works
	over      string // what makes further checks useless; empty: nothing does

	throttled *Finding      // that the server stayed throttled; nil: it did not
	waits     int           // how often it was waited for,
	waited    time.Duration // and how long in all

	open     bool          // tools/list needs no key
	answered bool          // the first answer to the key has come,
	first    time.Duration // after this time
	date     string        // Date header of the last answer,
	dateAt   time.Time     // and our time then
	version  string        // of the older era that was agreed on when we asked for the newest
	sessions []string      // that an older era's server began, the first in that version
}

func newExam(o Options) *exam {
	if o.Base == nil {
		o.Base = http.DefaultTransport
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Wait == nil {
		o.Wait = sleep
	}
	if o.Patience == 0 {
		o.Patience = 35 * time.Second
	}
	x := &exam{Options: o, endpoint: &url.URL{}, version: "2025-11-25", client: &http.Client{
		Transport: o.Base,
		// Headers follow a redirect, wherever it leads. The key must not.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	if o.Key == "" {
		x.noKey = "no key is known here: set MCP_API_KEY"
	}
	if err := mcpclient.CheckURL(o.URL); err != nil {
		x.noNetwork = err.Error()
	}
	if u, err := url.Parse(o.URL); err == nil {
		x.endpoint = u
	}
	return x
}

func (x *exam) sendsBearer() bool {
	return mcpclient.Options{URL: x.URL, Bearer: x.Bearer}.SendsBearer()
}

// missing says what a check lacks, "" if it has everything.
func (x *exam) missing(n need) string {
	switch {
	case n >= network && x.over != "":
		return "it would only repeat what failed above: " + x.over
	case n >= network && x.noNetwork != "":
		return "nothing can be asked: " + x.noNetwork
	case n >= theKey && x.noKey != "":
		return x.noKey
	case n == theList:
		return x.noList
	}
	return ""
}

// A request is what is sent. The zero value is a POST to the endpoint with the
// usual headers and without a key.
type request struct {
	method string // empty means POST
	url    string // empty means the endpoint
	body   string
	header []string // pairs; an empty value takes a header out
	key    string
}

// A reply is what came back.
type reply struct {
	status int
	header http.Header
	body   []byte
	took   time.Duration
}

// once sends a request and reads the answer.
func (x *exam) once(ctx context.Context, q request) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, x.Patience)
	defer cancel()
	r, err := x.httpRequest(ctx, q)
	if err != nil {
		return reply{}, err
	}
	begun := x.Now()
	resp, err := x.client.Do(r)
	if err != nil {
		return reply{}, plain(err)
	}
	defer resp.Body.Close()
	body, err := readBody(resp)
	x.dateAt = x.Now()
	if date := resp.Header.Get("Date"); date != "" {
		x.date = date
	}
	return reply{resp.StatusCode, resp.Header, body, x.dateAt.Sub(begun)}, err
}

func (x *exam) httpRequest(ctx context.Context, q request) (*http.Request, error) {
	if q.method == "" {
		q.method = http.MethodPost
	}
	if q.url == "" {
		q.url = x.URL
	}
	r, err := http.NewRequestWithContext(ctx, q.method, q.url, strings.NewReader(q.body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", "mcpctl-doctor")
	r.Header.Set("Accept", "application/json, text/event-stream")
	if q.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	mcpclient.Options{URL: x.URL, Key: q.key, Bearer: x.Bearer}.SetKey(r.Header)
	for i := 0; i+1 < len(q.header); i += 2 {
		r.Header.Del(q.header[i])
		if q.header[i+1] != "" {
			r.Header.Set(q.header[i], q.header[i+1])
		}
	}
	return r, nil
}

// readBody reads JSON as it is, and of a stream of events the first message. A
// stream that answers no question is not waited for.
func readBody(resp *http.Response) ([]byte, error) {
	if !isStream(resp.Header) {
		return io.ReadAll(io.LimitReader(resp.Body, maxBody))
	}
	if resp.Request.Method == http.MethodGet {
		return nil, nil
	}
	var seen []byte
	buffer := make([]byte, 4096)
	for len(seen) < maxBody {
		n, err := resp.Body.Read(buffer)
		seen = append(seen, buffer[:n]...)
		for line := range bytes.Lines(seen) {
			if data, found := bytes.CutPrefix(line, []byte("data:")); found && json.Valid(bytes.TrimSpace(data)) {
				return bytes.TrimSpace(data), nil
			}
		}
		if err == io.EOF {
			return nil, nil // it ended without a message
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func isStream(h http.Header) bool {
	return strings.HasPrefix(h.Get("Content-Type"), "text/event-stream")
}

// plain is the error without net/http's wrapping, which repeats the address.
func plain(err error) error {
	if u, ok := err.(*url.Error); ok {
		return u.Err
	}
	return err
}

// message is a JSON-RPC answer.
type message struct {
	Version string          `json:"jsonrpc"`
	Result  json.RawMessage `json:"result"`
	Error   *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

// message reads the body as JSON-RPC; false if it is none.
func (r reply) message() (message, bool) {
	var m message
	err := json.Unmarshal(r.body, &m)
	return m, err == nil && m.Version == "2.0"
}

// String tells people what came back.
func (r reply) String() string {
	text := strings.TrimSpace(fmt.Sprintf("%d %s", r.status, http.StatusText(r.status)))
	if m, ok := r.message(); ok && m.Error != nil {
		text += fmt.Sprintf(", error %d %q", m.Error.Code, m.Error.Message)
	}
	return text
}

// opened reports whether somebody was let in.
func (r reply) opened() bool {
	m, isMessage := r.message()
	return r.status < 300 && isMessage && m.Result != nil
}

// refused reports whether the answer is that of somebody who was not let in.
func (r reply) refused() bool {
	return r.status == http.StatusUnauthorized || r.status == http.StatusForbidden
}
