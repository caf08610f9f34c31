// Package keycheck lets a server check keys by itself, where no gateway with an
// authorizer stands in front of it: behind a Function URL and in a container.
// The decision is the authorizer's own, from the same secrets.
package keycheck

import (
	"context"
	"errors"
	"net/http"
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

// New returns mcphttp.Options.Authenticate for the keys in two secrets, which it
// reads before the first request, see [keystore.Open]. A missing key gets 401, a
// key that is not authorized 403, and a key that cannot be checked 500. bearer
// accepts keys as bearer tokens at settings.BearerPath.
func New(ctx context.Context, keys keystore.Options, bearer bool) func(*http.Request) (apikey.Principal, error) {
	reader := keystore.Open(ctx, keys)
	return Authenticate(Options{
		Authorizer: authorizer.New(authorizer.Options{Lookup: reader.Lookup, Log: keys.Log}),
		Bearer:     bearer,
	})
}

// Options of [Authenticate].
type Options struct {
	Authorizer *authorizer.Authorizer // decides; required
	Bearer     bool                   // keys are also accepted as bearer tokens, at settings.BearerPath
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
		if key == "" || strings.HasPrefix(r.URL.Path, settings.BearerPath) && !o.Bearer {
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
	if strings.HasPrefix(r.URL.Path, settings.BearerPath) {
		header = "Authorization"
	}
	return strings.TrimSpace(strings.Join(r.Header.Values(header), ","))
}
