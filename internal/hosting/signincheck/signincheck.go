// Package signincheck authenticates people on the path settings.SigninPath, and
// serves the metadata that directs clients to the issuer. Every deployment shape
// uses it in addition to its check of keys, which covers all other paths.
package signincheck

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"serverless-mcp/internal/hosting/lambdahttp"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/signin"
)

// Options of [New], as the environment holds them. The zero value means that
// sign-in is off.
type Options struct {
	Issuer      string // the issuer's URL; empty means that sign-in is off
	Audience    string // the audience of access tokens; empty means the resource's URL
	Resource    string // the endpoint's URL; empty means that each Lambda event names its domain
	Scopes      string // that a token must have, space-separated
	Tools       string // the tools of each group, see [signin.ParseGrants]
	GroupsClaim string // the claim with a person's groups; empty means the default of [signin.Options]
	NotBefore   string // RFC 3339; tokens that were issued earlier are rejected; empty means none
	Limits      string // on each person's tool calls, see [apikey.ParseLimits]; empty means none
	PKCE        bool   // the issuer supports PKCE, even if its metadata does not list it
	LogEmail    bool   // the log has people's e-mail addresses
}

// FromEnv reads the options from the environment variables settings.EnvSignin*.
func FromEnv(getenv func(string) string) Options {
	return Options{
		Issuer:      getenv(settings.EnvSigninIssuer),
		Audience:    getenv(settings.EnvSigninAudience),
		Resource:    getenv(settings.EnvSigninResource),
		Scopes:      getenv(settings.EnvSigninScopes),
		Tools:       getenv(settings.EnvSigninTools),
		GroupsClaim: getenv(settings.EnvSigninGroupsClaim),
		NotBefore:   getenv(settings.EnvSigninNotBefore),
		Limits:      getenv(settings.EnvSigninLimits),
		PKCE:        getenv(settings.EnvSigninPKCE) == "true",
		LogEmail:    getenv(settings.EnvSigninLogEmail) == "true",
	}
}

// Check authenticates people. A nil Check means that sign-in is off: its methods
// return what they are given.
type Check struct {
	o        signin.Options
	resource string // the URL of the endpoint; empty means that each event names it
	limits   apikey.Limits

	mu        sync.Mutex
	verifiers map[string]*signin.Verifier // by resource
}

// maxResources bounds the host names under which one deployment is called.
const maxResources = 10

// New returns the check, or nil if sign-in is off. log receives the reasons why metadata is
// not served, and people's e-mail addresses if Options.LogEmail is set.
func New(o Options, log *slog.Logger) (*Check, error) {
	if o.Issuer == "" {
		return nil, nil
	}
	grants, err := signin.ParseGrants(o.Tools)
	if err != nil {
		return nil, fmt.Errorf("configuration: %s: %w", settings.EnvSigninTools, err)
	}
	c := &Check{
		o: signin.Options{
			Issuer: o.Issuer, Audience: o.Audience, Scopes: strings.Fields(o.Scopes), Tools: grants, GroupsClaim: o.GroupsClaim, PKCE: o.PKCE, LogEmail: o.LogEmail, Log: log,
		},
		resource:  o.Resource,
		verifiers: map[string]*signin.Verifier{},
	}
	if o.NotBefore != "" {
		if c.o.NotBefore, err = time.Parse(time.RFC3339, o.NotBefore); err != nil {
			return nil, fmt.Errorf("configuration: %s %q is not a time such as 2026-11-28T12:00:00Z", settings.EnvSigninNotBefore, o.NotBefore)
		}
	}
	if c.limits, err = apikey.ParseLimits(o.Limits); err != nil {
		return nil, fmt.Errorf("configuration: %s: %w", settings.EnvSigninLimits, err)
	}
	// A verifier is created now, so that wrong URLs are reported at the start.
	if c.resource != "" {
		_, err = c.verifier(c.resource)
	} else {
		_, err = signin.New(signin.Options{Issuer: o.Issuer, Resource: "https://example.com" + settings.SigninPath})
	}
	if err != nil {
		return nil, fmt.Errorf("configuration: sign-in: %w", err)
	}
	return c, nil
}

// Paths returns the paths of the MCP endpoints: those with keys, and
// settings.SigninPath if sign-in is on.
func (c *Check) Paths(keys ...string) []string {
	if c == nil {
		return keys
	}
	return append(keys, settings.SigninPath)
}

// Authenticate returns mcphttp.Options.Authenticate: it checks the tokens of people at
// settings.SigninPath, and calls keys, which checks API keys, for every other path.
func (c *Check) Authenticate(keys func(*http.Request) (apikey.Principal, error)) func(*http.Request) (apikey.Principal, error) {
	if c == nil {
		return keys
	}
	return func(r *http.Request) (apikey.Principal, error) {
		if !isSignin(r) {
			return keys(r)
		}
		v, err := c.verifierFor(r)
		if err != nil {
			return apikey.Principal{}, err
		}
		p, err := v.Principal(r.Context(), r.Header.Values("Authorization"))
		if err != nil {
			status, header := v.Response(err)
			return apikey.Principal{}, &mcphttp.HTTPError{Status: status, Header: header, Err: err}
		}
		p.Limits = c.limits
		return p, nil
	}
}

// Recheck returns mcphttp.Options.Recheck. API keys are checked by keys, which may be
// nil. A person's access ends with the token; the handler learns that time from the
// principal's expiry.
func (c *Check) Recheck(keys func(*http.Request) error) func(*http.Request) error {
	if c == nil || keys == nil {
		return keys
	}
	return func(r *http.Request) error {
		if isSignin(r) {
			return nil
		}
		return keys(r)
	}
}

// isSignin reports whether a request is for the sign-in endpoint or its whoami path.
func isSignin(r *http.Request) bool {
	path := strings.TrimSuffix(r.URL.Path, "/")
	return path == settings.SigninPath || path == settings.SigninPath+mcphttp.WhoAmIPath
}

// Handler serves the resource's metadata at its well-known path, and the issuer's
// metadata if clients need a copy of it. It passes all other requests to next.
func (c *Check) Handler(next http.Handler) http.Handler {
	if c == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == settings.SigninMetadataPath:
			c.serve(w, r, (*signin.Verifier).Metadata)
		case r.URL.Path == settings.SigninServerPath && c.o.PKCE:
			c.serve(w, r, (*signin.Verifier).ServerMetadata)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// serve serves a document of RFC 9728 or RFC 8414, the same for every caller.
func (c *Check) serve(w http.ResponseWriter, r *http.Request, document func(*signin.Verifier, context.Context) ([]byte, error)) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	v, err := c.verifierFor(r)
	if err != nil {
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	body, err := document(v, r.Context())
	switch {
	case err != nil:
		if c.o.Log != nil {
			c.o.Log.LogAttrs(r.Context(), slog.LevelWarn, "sign-in metadata is not served", slog.String("reason", err.Error()))
		}
		w.Header().Set("Retry-After", "30")
		http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
		return
	case body == nil:
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "max-age=300")
	w.Header().Set("Access-Control-Allow-Origin", "*") // public, and read by clients in browsers
	_, _ = w.Write(body)
}

// verifierFor returns the verifier of the resource that a request is for. Its URL
// is configured, or made from the domain name that AWS puts into the event; a
// client chooses the Host header and must not choose the audience.
func (c *Check) verifierFor(r *http.Request) (*signin.Verifier, error) {
	if c.resource != "" {
		return c.verifier(c.resource)
	}
	event, _ := lambdahttp.EventFrom(r.Context()) // empty outside Lambda
	if event.RequestContext.DomainName == "" {
		return nil, errors.New("the event carries no domain name")
	}
	domain := strings.ToLower(event.RequestContext.DomainName)
	scheme := "https"
	if signin.Loopback(domain) { // the local server
		scheme = "http"
	}
	return c.verifier(scheme + "://" + domain + settings.SigninPath)
}

func (c *Check) verifier(resource string) (*signin.Verifier, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v := c.verifiers[resource]; v != nil {
		return v, nil
	}
	if len(c.verifiers) >= maxResources {
		return nil, fmt.Errorf("more than %d domain names", maxResources)
	}
	o := c.o
	o.Resource = resource
	v, err := signin.New(o)
	if err != nil {
		return nil, err
	}
	c.verifiers[resource] = v
	return v, nil
}
