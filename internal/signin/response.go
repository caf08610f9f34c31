package signin

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// WellKnown is the path prefix of a resource's metadata; the resource's path follows, see
// RFC 9728 section 3.1.
const WellKnown = "/.well-known/oauth-protected-resource"

// Response returns the status and the headers that reject a request because of an error
// of [Verifier.Principal]: RFC 6750 section 3 and RFC 9728 section 5.1. The status of an
// unknown error is 503.
func (v *Verifier) Response(err error) (status int, header http.Header) {
	header = http.Header{"Cache-Control": {"no-store"}}
	code := ""
	switch {
	case errors.Is(err, ErrMissing):
		status = http.StatusUnauthorized
	case errors.Is(err, ErrInvalid):
		status, code = http.StatusUnauthorized, "invalid_token"
	case errors.Is(err, ErrScope):
		status, code = http.StatusForbidden, "insufficient_scope"
	case errors.Is(err, ErrMalformed):
		status, code = http.StatusBadRequest, "invalid_request"
	default:
		header.Set("Retry-After", "30")
		return http.StatusServiceUnavailable, header
	}
	header.Set("WWW-Authenticate", v.challenge(code))
	return status, header
}

// challenge returns the value of WWW-Authenticate. The URLs and scopes in it are
// configured and hold no quotes.
func (v *Verifier) challenge(code string) string {
	parts := []string{`resource_metadata="` + v.MetadataURL() + `"`}
	if len(v.o.Scopes) > 0 {
		parts = append(parts, `scope="`+strings.Join(v.o.Scopes, " ")+`"`)
	}
	if code != "" {
		parts = append(parts, `error="`+code+`"`)
	}
	return "Bearer " + strings.Join(parts, ", ")
}

// MetadataURL returns the URL of the document that [Verifier.Metadata] returns.
func (v *Verifier) MetadataURL() string {
	u, err := url.Parse(v.o.Resource)
	if err != nil {
		return "" // New has parsed it
	}
	u.Path = WellKnown + u.Path
	return u.String()
}

// Metadata returns the protected resource metadata, RFC 9728 section 2, as JSON.
// It lists required scopes only: some clients request every scope that they see, and
// issuers reject a scope that they do not know. With [Options.PKCE], Metadata reads the
// issuer's metadata and may return [ErrUnavailable].
func (v *Verifier) Metadata(ctx context.Context) ([]byte, error) {
	server, err := v.server(ctx)
	if err != nil {
		return nil, err
	}
	return json.Marshal(struct {
		Resource string   `json:"resource"`
		Servers  []string `json:"authorization_servers"`
		Scopes   []string `json:"scopes_supported,omitempty"`
		Methods  []string `json:"bearer_methods_supported"`
	}{v.o.Resource, []string{server}, v.o.Scopes, []string{"header"}})
}
