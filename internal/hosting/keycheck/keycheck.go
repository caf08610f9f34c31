// Package keycheck finds the principal of a request. Behind the gateway it reads
// the authorizer result from the event. Without a gateway, that is behind a
// Function URL and in a container, it checks the key itself, with the authorizer's
// code and the same secrets.
package keycheck

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"serverless-mcp/internal/hosting/lambdahttp"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/keys/authorizer"
	"serverless-mcp/internal/keys/keystore"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/settings"
)

// Header carries the key. At settings.BearerPath the key is a bearer token instead.
const Header = "X-Api-Key"

// Options of a [Checker].
type Options struct {
	// Lookup returns the principal of a key, see [keystore.Reader.Lookup]. Required.
	Lookup func(ctx context.Context, plain string) (apikey.Principal, bool, error)

	// KeyringAge returns the age of the keyring, for the request's log line; nil, or a
	// negative age, means unknown.
	KeyringAge func() time.Duration

	Bearer bool             // keys are also accepted as bearer tokens, at settings.BearerPath
	Log    *slog.Logger     // logs denied and undecided keys, and allowed keys at level DEBUG; nil means no log
	Now    func() time.Time // nil means time.Now
}

// Checker checks the keys of requests.
type Checker struct {
	o          Options
	authorizer *authorizer.Authorizer
	denied     *denials
}

// Open returns a checker for the keys in two secrets, which it reads before the
// first request, see [keystore.Open].
func Open(ctx context.Context, keys keystore.Options, bearer bool) *Checker {
	reader := keystore.Open(ctx, keys)
	return New(Options{Lookup: reader.Lookup, KeyringAge: reader.Age, Bearer: bearer, Log: keys.Log, Now: keys.Now})
}

// New returns a checker.
func New(o Options) *Checker {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Checker{
		o:          o,
		authorizer: authorizer.New(authorizer.Options{Lookup: o.Lookup, KeyringAge: o.KeyringAge, Log: o.Log, Now: o.Now}),
		denied:     &denials{now: o.Now},
	}
}

// Authenticate is mcphttp.Options.Authenticate: a missing key gets 401, a key that
// is not authorized 403, a key that cannot be checked for now because of too many
// reads 503, and one that cannot be checked because of a failure 500.
func (c *Checker) Authenticate(r *http.Request) (apikey.Principal, error) {
	key := c.key(r)
	if key == "" {
		return apikey.Principal{}, mcphttp.ErrUnauthorized
	}
	if c.denied.has(key) {
		return apikey.Principal{}, mcphttp.ErrForbidden
	}
	p, err := c.authorizer.Decide(r.Context(), query(r, key))
	if err == nil && c.o.KeyringAge != nil {
		mcphttp.SetKeyringAge(r.Context(), c.o.KeyringAge())
	}
	return p, c.status(key, err)
}

// Recheck is mcphttp.Options.Recheck: it checks the key of a request that was
// authenticated and whose stream is still open. The error is mcphttp.ErrForbidden
// once the key was revoked or has expired. If the key cannot be checked for now, Recheck
// returns nil: the key was valid, and new requests with it are not accepted meanwhile.
func (c *Checker) Recheck(r *http.Request) error {
	key := c.key(r)
	_, err := c.authorizer.Decide(r.Context(), query(r, key))
	if errors.Is(err, authorizer.ErrDenied) {
		return c.status(key, err)
	}
	return nil
}

// status returns the error that makes mcphttp send the right HTTP status.
func (c *Checker) status(key string, err error) error {
	if errors.Is(err, authorizer.ErrDenied) {
		c.denied.add(key)
		return mcphttp.ErrForbidden
	}
	var limit *keystore.TooManyReadsError
	if errors.As(err, &limit) {
		seconds := max(1, int(math.Ceil(limit.RetryAfter.Seconds())))
		return &mcphttp.HTTPError{
			Status: http.StatusServiceUnavailable,
			Header: http.Header{"Retry-After": {strconv.Itoa(seconds)}},
			Err:    errors.New("too many reads of the keys"),
		}
	}
	return err
}

// key returns the key of a request in the form that all caches use, "" if it has
// none. Repeated headers are joined, as a gateway does, and the result is not a key.
func (c *Checker) key(r *http.Request) string {
	header := Header
	if isBearer(r) {
		if !c.o.Bearer {
			return ""
		}
		header = "Authorization"
	}
	return authorizer.ParseKey(strings.Join(r.Header.Values(header), ","))
}

func isBearer(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, settings.BearerPath) }

// query returns the query about a key. The user agent, which the authorizer cleans, is the
// only logged field whose text the caller chooses freely.
func query(r *http.Request, key string) authorizer.Query {
	return authorizer.Query{Key: key, RequestID: cmp.Or(mcphttp.RequestID(r.Context()), RequestID(r)), Route: route(r), UserAgent: r.UserAgent()}
}

// route returns the method and the path as the gateway's routes name them.
func route(r *http.Request) string {
	method := "OTHER"
	switch r.Method {
	case http.MethodGet, http.MethodPost, http.MethodDelete:
		method = r.Method
	}
	if isBearer(r) {
		return method + " " + settings.BearerPath
	}
	return method + " " + settings.MCPPath
}

// RequestID returns the id that AWS gave a request, or "" if it has none: in a Lambda event
// the id from the gateway or the Function URL, behind a load balancer the trace id. No
// caller can choose it freely.
func RequestID(r *http.Request) string {
	if event, ok := lambdahttp.EventFrom(r.Context()); ok {
		return event.RequestContext.RequestID
	}
	return traceID(r.Header.Get("X-Amzn-Trace-Id"))
}

// traceID returns the root of a trace header, "" if it does not have the form
// 1-<8 hex digits>-<24 hex digits>. A client can send any other text in the header.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
func traceID(header string) string {
	for field := range strings.SplitSeq(header, ";") {
		id, ok := strings.CutPrefix(strings.TrimSpace(field), "Root=")
		if ok && len(id) == len("1-67891233-abcdef012345678912345678") && id[:2] == "1-" && isHex(id[2:10]) && id[10] == '-' && isHex(id[11:]) {
			return id
		}
	}
	return ""
}

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }
