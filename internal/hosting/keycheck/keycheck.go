// Package keycheck lets a server check keys by itself, where no gateway with an
// authorizer stands in front of it: behind a Function URL and in a container.
// The decision is the authorizer's own, from the same secrets.
package keycheck

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"serverless-mcp/internal/hosting/lambdahttp"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/keys/authorizer"
	"serverless-mcp/internal/keys/keystore"
	"serverless-mcp/internal/mcp/mcphttp"
)

// Header is where the key is found; at /bearer/mcp, it is a bearer token instead,
// if BEARER_ROUTE is true.
const Header = "X-Api-Key"

const bearerPath = "/bearer/"

// New makes mcphttp.Options.Authenticate: no key is answered with 401, one that
// opens nothing with 403, and where that cannot be decided, 500. It reads the
// secrets that the environment names ahead of the first request; if they cannot
// be read yet, the log says so, and requests will try again.
func New(ctx context.Context, getenv func(string) string, secrets keystore.Secrets, log *slog.Logger) func(*http.Request) (apikey.Principal, error) {
	keys := keystore.NewReader(keystore.Options{
		Secrets:    secrets,
		DefaultKey: getenv("DEFAULT_KEY_SECRET"), // empty where API_KEY=none
		IssuedKeys: getenv("ISSUED_KEYS_SECRET"),
		Log:        log,
	})
	if err := keys.Warm(ctx); err != nil && log != nil {
		log.ErrorContext(ctx, "keys cannot be read yet", "error", err)
	}
	return Authenticate(Options{
		Authorizer: authorizer.New(authorizer.Options{Lookup: keys.Lookup, Log: log}),
		Bearer:     getenv("BEARER_ROUTE") == "true",
	})
}

// Options of [Authenticate].
type Options struct {
	Authorizer *authorizer.Authorizer // decides; required
	Bearer     bool                   // keys come as bearer tokens too, at /bearer/mcp
	Now        func() time.Time       // nil means time.Now
}

// Authenticate is the same for an authorizer that is there already.
func Authenticate(o Options) func(*http.Request) (apikey.Principal, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	before := &refused{now: o.Now}
	return func(r *http.Request) (apikey.Principal, error) {
		key := keyOf(r)
		if key == "" || strings.HasPrefix(r.URL.Path, bearerPath) && !o.Bearer {
			return apikey.Principal{}, mcphttp.ErrUnauthorized
		}
		if before.recently(key) {
			return apikey.Principal{}, mcphttp.ErrForbidden
		}
		id := r.Header.Get("X-Amzn-Trace-Id") // the load balancer's
		if event, ok := lambdahttp.EventFrom(r.Context()); ok {
			id = event.RequestContext.RequestID
		}
		p, err := o.Authorizer.Decide(r.Context(), authorizer.Question{
			Key: key, Request: id, Route: r.Method + " " + r.URL.Path, Client: r.UserAgent(),
		})
		if errors.Is(err, authorizer.ErrDenied) {
			before.add(key)
			return apikey.Principal{}, mcphttp.ErrForbidden
		}
		return p, err
	}
}

// keyOf is what was sent as the key. Several headers are none, as behind a
// gateway, which joins them.
func keyOf(r *http.Request) string {
	header := Header
	if strings.HasPrefix(r.URL.Path, bearerPath) {
		header = "Authorization"
	}
	return strings.TrimSpace(strings.Join(r.Header.Values(header), ","))
}
