package signin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// ServerWellKnown is the path prefix of an authorization server's metadata; the path of
// its issuer URL follows, see RFC 8414 section 3.1.
const ServerWellKnown = "/.well-known/oauth-authorization-server"

// serverMetadata are members of an issuer's metadata by name, RFC 8414 section 2.
type serverMetadata map[string]json.RawMessage

// copied lists the members that [Verifier.ServerMetadata] copies. It omits
// authorization_response_iss_parameter_supported, which makes clients compare the issuer
// and reject a copy.
var copied = []string{
	"authorization_endpoint", "token_endpoint", "registration_endpoint", "revocation_endpoint", "jwks_uri",
	"scopes_supported", "response_types_supported", "response_modes_supported", "grant_types_supported",
	"token_endpoint_auth_methods_supported", "client_id_metadata_document_supported",
}

// serverCache reads the issuer's metadata and keeps it for keysFresh.
type serverCache struct {
	mu       sync.Mutex
	metadata serverMetadata
	read     time.Time // when metadata was read; zero means never
	tried    time.Time // when the last attempt began
}

// get returns the issuer's metadata, requested at most once in refetchPeriod.
func (c *serverCache) get(ctx context.Context, o Options) (serverMetadata, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := o.Now()
	if c.metadata != nil && isWithin(c.read, now, keysFresh) {
		return c.metadata, nil
	}
	if isWithin(c.tried, now, refetchPeriod) {
		if c.metadata != nil {
			return c.metadata, nil
		}
		return nil, ErrUnavailable
	}
	c.tried = now
	var m serverMetadata
	// Continue if the caller disconnects: the metadata is for all callers.
	err := getJSON(context.WithoutCancel(ctx), o.Client, strings.TrimSuffix(o.Issuer, "/")+"/.well-known/openid-configuration", &m)
	switch {
	case err == nil && m.text("issuer") == o.Issuer:
		c.metadata, c.read = m, now
	case c.metadata == nil && err != nil:
		return nil, fmt.Errorf("%w: read the issuer's metadata: %w", ErrUnavailable, err)
	case c.metadata == nil:
		return nil, fmt.Errorf("%w: the issuer's metadata names another issuer", ErrUnavailable)
	}
	return c.metadata, nil
}

func (m serverMetadata) text(name string) string {
	var s string
	_ = json.Unmarshal(m[name], &s) // another type counts as missing
	return s
}

// hidesPKCE reports whether strict clients would reject this metadata but accept a copy
// that lists PKCE: it does not list S256, and the issuer's responses do not name the
// issuer (RFC 9207), which clients would compare with the copy.
func (m serverMetadata) hidesPKCE() bool {
	var methods []string
	var iss bool
	_ = json.Unmarshal(m["code_challenge_methods_supported"], &methods)
	_ = json.Unmarshal(m["authorization_response_iss_parameter_supported"], &iss)
	return !slices.Contains(methods, "S256") && !iss
}

// server returns the issuer URL for clients: the issuer's own URL, or the URL of the copy of
// its metadata.
func (v *Verifier) server(ctx context.Context) (string, error) {
	if !v.o.PKCE {
		return v.o.Issuer, nil
	}
	m, err := v.servers.get(ctx, v.o)
	if err != nil {
		return "", err
	}
	if m.hidesPKCE() {
		return v.serverURL(), nil
	}
	return v.o.Issuer, nil
}

// serverURL returns the issuer URL in the copy: the resource's URL without its last path
// element.
func (v *Verifier) serverURL() string {
	u, err := url.Parse(v.o.Resource)
	if err != nil {
		return "" // New has parsed it
	}
	u.Path = u.Path[:max(strings.LastIndex(u.Path, "/"), 0)]
	return u.String()
}

// ServerMetadata returns a copy of the issuer's metadata that lists PKCE, as JSON, or
// nil if clients can use the issuer's own. All endpoints in it are the issuer's. The
// error is [ErrUnavailable].
func (v *Verifier) ServerMetadata(ctx context.Context) ([]byte, error) {
	if !v.o.PKCE {
		return nil, nil
	}
	m, err := v.servers.get(ctx, v.o)
	if err != nil || !m.hidesPKCE() {
		return nil, err
	}
	out := map[string]any{"issuer": v.serverURL(), "code_challenge_methods_supported": []string{"S256"}}
	for _, name := range copied {
		value, there := m[name]
		isURL := strings.HasSuffix(name, "_endpoint") || name == "jwks_uri"
		if there && (!isURL || checkEndpoint(m.text(name)) == nil) {
			out[name] = value
		}
	}
	if out["authorization_endpoint"] == nil || out["token_endpoint"] == nil {
		return nil, fmt.Errorf("%w: the issuer's metadata has no authorization or token endpoint", ErrUnavailable)
	}
	return json.Marshal(out)
}
