// Package issuer is a small OAuth 2.1 authorization server for the local server, for trying
// sign-in with real clients but without an account. Anyone can sign in with its form, under
// any name and with any groups, so it serves the loopback interface only, and is part of no
// deployed program.
//
// It supports what MCP clients need: metadata, dynamic client registration (RFC 7591),
// the authorization code flow with PKCE (RFC 7636), resource indicators (RFC
// 8707), refresh tokens with rotation, and the iss parameter (RFC 9207).
package issuer

import (
	"crypto/ecdsa"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"

	"serverless-mcp/internal/signin"
)

// Options of [New].
type Options struct {
	// URL is the issuer's URL: a scheme, a loopback address and a port; required.
	URL string
	// Resource is the MCP endpoint that tokens are issued for, their audience; required.
	Resource string
	// Scopes can be requested; nil means none.
	Scopes []string
	// Key signs tokens, P-256; required. Registrations and refresh tokens stay valid after
	// a restart if the key is the same.
	Key *ecdsa.PrivateKey
	// Lifetime of an access token; zero means an hour.
	Lifetime time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Issuer is the authorization server. It is safe for concurrent use.
type Issuer struct {
	o      Options
	host   string
	signer jose.Signer
	jwks   jose.JSONWebKeySet
	seal   []byte // key of the HMAC over client ids, codes and refresh tokens
	used   *once
	mux    *http.ServeMux
}

// New returns an issuer, see [Issuer.ServeHTTP].
func New(o Options) (*Issuer, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Scheme != "http" || !signin.Loopback(u.Hostname()) || u.Path != "" {
		return nil, fmt.Errorf("issuer URL %q is not http with a loopback address and no path", o.URL)
	}
	if o.Resource == "" || o.Key == nil {
		return nil, errors.New("the issuer needs a resource and a key")
	}
	if o.Lifetime == 0 {
		o.Lifetime = time.Hour
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	private, err := o.Key.Bytes()
	if err != nil {
		return nil, fmt.Errorf("read the issuer's key: %w", err)
	}
	seal, err := hkdf.Key(sha256.New, private, nil, "serverless-mcp local issuer", sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("derive a key: %w", err)
	}
	public := jose.JSONWebKey{Key: o.Key.Public(), Algorithm: string(jose.ES256), Use: "sig"}
	print, err := public.Thumbprint(cryptoSHA256)
	if err != nil {
		return nil, fmt.Errorf("name the issuer's key: %w", err)
	}
	public.KeyID = encode(print)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: o.Key},
		(&jose.SignerOptions{}).WithType("at+jwt").WithHeader("kid", public.KeyID))
	if err != nil {
		return nil, fmt.Errorf("use the issuer's key: %w", err)
	}
	i := &Issuer{
		o: o, host: u.Host, signer: signer, seal: seal, used: &once{seen: map[string]time.Time{}},
		jwks: jose.JSONWebKeySet{Keys: []jose.JSONWebKey{public}},
	}
	i.mux = i.routes()
	return i, nil
}

// ServeHTTP implements [http.Handler]. A request for another host is rejected: a web page
// must not reach the form through a DNS name that points to this machine (DNS rebinding).
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Host != i.host {
		http.Error(w, "unknown host", http.StatusMisdirectedRequest)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	w.Header().Set("Cache-Control", "no-store")
	i.mux.ServeHTTP(w, r)
}

func (i *Issuer) routes() *http.ServeMux {
	mux := http.NewServeMux()
	metadata := func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, i.metadata()) }
	mux.HandleFunc("GET /.well-known/openid-configuration", metadata)
	mux.HandleFunc("GET /.well-known/oauth-authorization-server", metadata)
	mux.HandleFunc("GET /jwks", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, i.jwks) })
	mux.HandleFunc("POST /register", i.register)
	mux.HandleFunc("GET /authorize", i.showForm)
	mux.HandleFunc("POST /authorize", i.signIn)
	mux.HandleFunc("POST /token", i.token)
	return mux
}

// metadata returns the document of RFC 8414 section 2 and of OpenID Connect
// Discovery.
func (i *Issuer) metadata() map[string]any {
	return map[string]any{
		"issuer":                                         i.o.URL,
		"authorization_endpoint":                         i.o.URL + "/authorize",
		"token_endpoint":                                 i.o.URL + "/token",
		"registration_endpoint":                          i.o.URL + "/register",
		"jwks_uri":                                       i.o.URL + "/jwks",
		"scopes_supported":                               slices.Concat(i.o.Scopes, []string{"offline_access"}),
		"response_types_supported":                       []string{"code"},
		"response_modes_supported":                       []string{"query"},
		"grant_types_supported":                          []string{"authorization_code", "refresh_token"},
		"code_challenge_methods_supported":               []string{"S256"},
		"token_endpoint_auth_methods_supported":          []string{"none"},
		"authorization_response_iss_parameter_supported": true,
		"subject_types_supported":                        []string{"public"},
		"id_token_signing_alg_values_supported":          []string{"ES256"},
	}
}
