package doctor

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"serverless-mcp/internal/clients/mcpclient"
)

// maxBody is the longest response body that is read, after decompression. The
// rest is ignored.
const maxBody = 8 << 20

// session is the state shared by the checks of one run.
type session struct {
	Options
	client   *http.Client
	endpoint *url.URL // parsed URL; empty if it cannot be parsed

	noNetwork string // why no request can be sent; empty means that requests can be sent
	noKey     string // why no key can be sent; empty means that a key can be sent
	noList    string // why checks that use tools/list cannot run; empty means that they can
	rootCause string // problem that makes further checks pointless; empty if there is none

	throttled *Finding      // set once the server stays throttled
	waits     int           // number of waits because of throttling
	waited    time.Duration // their total

	open         bool          // tools/list needs no key
	responded    bool          // whether the first request with the key got a response
	responseTime time.Duration // duration of that request
	date         string        // last Date header of a response
	dateAt       time.Time     // local time when that header arrived
	version      string        // version that the server returned when asked for the newest of the older protocols
	issuer       string        // from the sign-in metadata; empty if there is none
	scopes       []string      // that people need there
	mcpSessions  []string      // MCP sessions that initialize created; the first is for version
}

func newSession(o Options) *session {
	if o.Transport == nil {
		o.Transport = http.DefaultTransport
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.RequestTimeout == 0 {
		o.RequestTimeout = 35 * time.Second
	}
	s := &session{Options: o, endpoint: &url.URL{}, version: "2025-11-25", client: &http.Client{
		Transport: o.Transport,
		// A redirect would carry the headers, and so the key, to another server.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	if o.Key == "" {
		s.noKey = "no key is known: set MCP_API_KEY"
	}
	if err := mcpclient.CheckURL(o.URL); err != nil {
		s.noNetwork = err.Error()
	}
	if u, err := url.Parse(o.URL); err == nil {
		s.endpoint = u
	}
	return s
}

// sendsBearer reports whether the key is sent as a bearer token.
func (s *session) sendsBearer() bool {
	return mcpclient.Options{URL: s.URL, Bearer: s.Bearer}.SendsBearer()
}

// unmet returns why a need is not met, "" if it is.
func (s *session) unmet(n need) string {
	switch {
	case n >= needResponse && s.rootCause != "":
		return "not checked, because it would fail for the same reason: " + s.rootCause
	case n >= needResponse && s.noNetwork != "":
		return "no request can be sent: " + s.noNetwork
	case n >= needKey && s.noKey != "":
		return s.noKey
	case n == needTools:
		return s.noList
	}
	return ""
}

// request is a request to send. The zero value is a POST to the endpoint with the
// usual headers and without a key.
type request struct {
	method string // empty means POST
	url    string // empty means the endpoint
	body   string
	header []string // pairs of name and value; an empty value removes the header
	key    string
}

// roundTrip sends a request and reads the response.
func (s *session) roundTrip(ctx context.Context, q request) (response, error) {
	ctx, cancel := context.WithTimeout(ctx, s.RequestTimeout)
	defer cancel()
	r, err := s.httpRequest(ctx, q)
	if err != nil {
		return response{}, err
	}
	begun := s.Now()
	resp, err := s.client.Do(r)
	if err != nil {
		return response{}, withoutURL(err)
	}
	defer resp.Body.Close()
	if date := resp.Header.Get("Date"); date != "" {
		s.date, s.dateAt = date, s.Now()
	}
	body, err := readBody(resp)
	return response{resp.StatusCode, resp.Header, body, s.Now().Sub(begun)}, err
}

func (s *session) httpRequest(ctx context.Context, q request) (*http.Request, error) {
	if q.method == "" {
		q.method = http.MethodPost
	}
	if q.url == "" {
		q.url = s.URL
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
	mcpclient.Options{URL: s.URL, Key: q.key, Bearer: s.Bearer}.SetKey(r.Header)
	for i := 0; i+1 < len(q.header); i += 2 {
		r.Header.Del(q.header[i])
		if q.header[i+1] != "" {
			r.Header.Set(q.header[i], q.header[i+1])
		}
	}
	return r, nil
}
