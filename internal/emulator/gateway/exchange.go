package gateway

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// exchange is the state of one request, including what the access log records.
type exchange struct {
	r     *http.Request
	id    string
	trace string // X-Ray header
	start time.Time
	body  []byte

	route  *route            // nil until matched
	params map[string]string // path parameters

	authorizer      map[string]any // the authorizer's context
	authorizerError string

	integrationCalled  bool
	integrationError   string
	integrationLatency time.Duration
}

func (a *API) begin(r *http.Request) *exchange {
	start := a.cfg.Now()
	return &exchange{r: r, id: a.cfg.RequestID(), start: start, trace: traceHeader(r, start)}
}

// path returns the decoded path up to a decoded question mark. HTTP APIs decode
// rawPath despite its name (observed; REST APIs and Function URLs do not).
func (x *exchange) path() string {
	path, _, _ := strings.Cut(x.r.URL.Path, "?")
	return path
}

func sourceIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

func (x *exchange) routeKey() string {
	if x.route == nil {
		return ""
	}
	return x.route.key()
}

// readBody reads the whole body, as the gateway does before it calls anything. It
// returns the status of a rejected request, or zero.
func (x *exchange) readBody() (status int) {
	body, err := readBody(x.r, maxBodyBytes)
	x.body = body
	switch {
	case errors.Is(err, errTooLarge):
		return http.StatusRequestEntityTooLarge
	case err != nil: // the client has disconnected
		return http.StatusBadRequest
	}
	return 0
}

// errTooLarge results in status 413.
var errTooLarge = errors.New("request body over the limit")

// readBody returns errTooLarge for a body over the limit. It first drains up to
// eight times the limit, because a client that is still sending would see a closed
// connection instead of the response.
func readBody(r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read request body: %w", err)
	}
	if int64(len(body)) > limit {
		io.Copy(io.Discard, io.LimitReader(r.Body, 7*limit))
		return nil, errTooLarge
	}
	return body, nil
}

// headerBytes returns the bytes that count against the header quota: the request
// line and all header values. It also counts the names (unsure).
func headerBytes(r *http.Request) int {
	n := len(r.Method) + len(r.RequestURI) + len(r.Proto) + len("host") + len(r.Host)
	for name, values := range r.Header {
		for _, v := range values {
			n += len(name) + len(v)
		}
	}
	return n
}

// randomRequestID returns an id in the gateway's form: 16 characters, the last
// one "=".
func randomRequestID() string {
	var b [11]byte
	rand.Read(b[:])
	return base64.URLEncoding.EncodeToString(b[:])
}

// traceHeader returns the request's X-Ray header, or a new one.
func traceHeader(r *http.Request, at time.Time) string {
	if given := r.Header.Get("X-Amzn-Trace-Id"); given != "" {
		return given
	}
	var b [12]byte
	rand.Read(b[:])
	return fmt.Sprintf("Root=1-%08x-%x", at.Unix(), b)
}
