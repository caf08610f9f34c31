package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// IssuerOptions configure [RunIssuer].
type IssuerOptions struct {
	Issuer    string            // the issuer's URL; required
	Scopes    []string          // that people need
	PKCE      bool              // SIGNIN_PKCE: the server has a copy of the metadata that lists PKCE
	Transport http.RoundTripper // nil means http.DefaultTransport
	OnFinding func(Finding)     // called with each finding as soon as it is known; nil means no callback
}

// issuerMetadata has the members of an authorization server's metadata that determine which
// clients can use it: RFC 8414 section 2, OpenID Connect Discovery section 3 and RFC 9207
// section 3.
type issuerMetadata struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Registration  string   `json:"registration_endpoint"`
	JWKS          string   `json:"jwks_uri"`
	Scopes        []string `json:"scopes_supported"`
	PKCE          []string `json:"code_challenge_methods_supported"`
	Auth          []string `json:"token_endpoint_auth_methods_supported"`
	ClientIDs     bool     `json:"client_id_metadata_document_supported"`
	Iss           bool     `json:"authorization_response_iss_parameter_supported"`
}

// issuerCheck is one check of an issuer whose metadata could be read.
type issuerCheck struct {
	id, ok, problem string
	run             func(context.Context, *http.Client, issuerMetadata, IssuerOptions) Finding
}

func issuerChecks() []issuerCheck {
	return []issuerCheck{
		{"issuer-name", "the metadata names the issuer", "the metadata names another issuer", issuerNameCheck},
		{"issuer-keys", "the signing keys can be read", "the signing keys cannot be used", issuerKeysCheck},
		{"issuer-pkce", "the metadata lists PKCE with S256", "the metadata does not list PKCE with S256", issuerPKCECheck},
		{"issuer-registration", "clients can register by themselves", "clients cannot register by themselves", issuerRegistrationCheck},
		{"issuer-scopes", "the issuer knows the scopes", "the issuer does not list every scope", issuerScopesCheck},
		{"issuer-iss", "responses name the issuer (RFC 9207)", "responses do not name the issuer (RFC 9207)", issuerIssCheck},
	}
}

// RunIssuer examines the issuer that people sign in at: whether its tokens can be
// verified, and which clients can use it. Nothing is registered or signed in.
func RunIssuer(ctx context.Context, o IssuerOptions) []Finding {
	client := &http.Client{Transport: o.Transport, Timeout: 10 * time.Second}
	var all []Finding
	add := func(f Finding) {
		if all = append(all, f); o.OnFinding != nil {
			o.OnFinding(f)
		}
	}
	interrupted := func() []Finding {
		f := skipped("interrupted").titled("the issuer")
		f.ID = "issuer"
		add(f)
		return all
	}
	m, err := readIssuer(ctx, client, o.Issuer)
	if err != nil && ctx.Err() != nil {
		return interrupted()
	}
	if err != nil {
		f := failure(err.Error(), "every client: sign-in fails", "Check SIGNIN_ISSUER: the issuer serves /.well-known/openid-configuration below that URL.")
		f.ID, f.Title = "issuer", "the issuer's metadata cannot be read"
		add(f)
		return all
	}
	f := ok("")
	f.ID, f.Title = "issuer", "the issuer's metadata can be read"
	add(f)
	for _, c := range issuerChecks() {
		f := c.run(ctx, client, m, o)
		if ctx.Err() != nil {
			return interrupted()
		}
		f.ID, f.Title = c.id, c.ok
		if f.Status != OK {
			f.Title = c.problem
		}
		add(f)
	}
	return all
}

// readIssuer reads the issuer's metadata at the path of OpenID Connect Discovery, below the
// issuer's URL, and otherwise at that of RFC 8414, before the URL's path: our server has
// its copy there, if SIGNIN_PKCE is true. The error is that of the first path.
func readIssuer(ctx context.Context, client *http.Client, issuer string) (m issuerMetadata, err error) {
	err = issuerDocument(ctx, client, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration", &m)
	if err == nil {
		return m, nil
	}
	u, parseErr := url.Parse(issuer)
	if parseErr != nil || u.Host == "" {
		return m, err
	}
	u.Path = "/.well-known/oauth-authorization-server" + strings.TrimSuffix(u.Path, "/")
	var second issuerMetadata
	if issuerDocument(ctx, client, u.String(), &second) != nil {
		return m, err
	}
	return second, nil
}

func issuerNameCheck(_ context.Context, _ *http.Client, m issuerMetadata, o IssuerOptions) Finding {
	if m.Issuer != o.Issuer {
		return failure(fmt.Sprintf("it names %q", m.Issuer), "every client: tokens are rejected, since the claim iss is compared byte by byte",
			"Set SIGNIN_ISSUER to the issuer exactly as the metadata has it, including a slash at the end.")
	}
	return ok("")
}

// minModulus is the length of an RSA modulus of 2048 bits in base64url.
const minModulus = 342

// issuerKeysCheck counts the keys that package signin accepts.
func issuerKeysCheck(ctx context.Context, client *http.Client, m issuerMetadata, _ IssuerOptions) Finding {
	var set struct {
		Keys []struct {
			Kty, Crv, Use, Alg, N string
			Operations            []string `json:"key_ops"`
		}
	}
	const breaks, advice = "every client: no token can be verified", "The issuer has to sign access tokens with RS256, PS256 or ES256 and to publish the key at jwks_uri."
	if err := issuerDocument(ctx, client, m.JWKS, &set); err != nil {
		return failure(err.Error(), breaks, advice)
	}
	usable := 0
	for _, k := range set.Keys {
		fits := k.Kty == "RSA" && len(k.N) >= minModulus && (k.Alg == "" || k.Alg == "RS256" || k.Alg == "PS256") || k.Kty == "EC" && k.Crv == "P-256" && (k.Alg == "" || k.Alg == "ES256")
		if fits && (k.Use == "" || k.Use == "sig") && (k.Operations == nil || slices.Contains(k.Operations, "verify")) {
			usable++
		}
	}
	if usable == 0 {
		return failure(fmt.Sprintf("none of %d keys verifies RS256, PS256 or ES256, with 2048 bits or more for RSA", len(set.Keys)), breaks, advice)
	}
	return ok(fmt.Sprintf("%d usable", usable))
}

// issuerPKCECheck takes the server's copy of the metadata into account. Clients use the
// copy, unless the issuer's responses contain iss, which clients compare with the copy's
// issuer.
func issuerPKCECheck(_ context.Context, _ *http.Client, m issuerMetadata, o IssuerOptions) Finding {
	const breaks = "claude.ai and clients of protocol 2026-07-28, which reject such an issuer"
	switch {
	case slices.Contains(m.PKCE, "S256"):
		return ok("")
	case m.Iss:
		return failure("code_challenge_methods_supported has no S256", breaks,
			"Enable PKCE at the issuer. SIGNIN_PKCE does not help here: the issuer's responses name it (RFC 9207), so clients would reject a copy of its metadata.")
	case o.PKCE:
		return warning("code_challenge_methods_supported has no S256", "no client: SIGNIN_PKCE is true, so the server has a copy of the metadata that lists it",
			"Nothing, if the issuer supports PKCE with S256. Otherwise every sign-in fails: enable it there.")
	}
	return failure("code_challenge_methods_supported has no S256", breaks,
		"Enable PKCE at the issuer. If it supports PKCE without listing it, set SIGNIN_PKCE=true and deploy.")
}

func issuerRegistrationCheck(_ context.Context, _ *http.Client, m issuerMetadata, _ IssuerOptions) Finding {
	var ways []string
	if m.ClientIDs && (len(m.Auth) == 0 || slices.Contains(m.Auth, "none")) {
		ways = append(ways, "client ID metadata documents")
	}
	if m.Registration != "" {
		ways = append(ways, "dynamic registration")
	}
	if ways == nil {
		return warning("neither dynamic registration nor client ID metadata documents", "clients without a field for a client ID, such as Claude Code and Codex CLI",
			"Register each client at the issuer with the redirect URIs of \"go tool mcpctl signin urls\", or enable registration.")
	}
	return ok(strings.Join(ways, " and "))
}

func issuerScopesCheck(_ context.Context, _ *http.Client, m issuerMetadata, o IssuerOptions) Finding {
	var missing []string
	for _, scope := range o.Scopes {
		if len(m.Scopes) > 0 && !slices.Contains(m.Scopes, scope) {
			missing = append(missing, scope)
		}
	}
	if missing != nil {
		return warning("it does not list "+strings.Join(missing, ", "), "clients that request every scope of SIGNIN_SCOPES, if the issuer rejects unknown ones",
			"Add the scopes at the issuer, or change SIGNIN_SCOPES.")
	}
	return ok("")
}

func issuerIssCheck(_ context.Context, _ *http.Client, m issuerMetadata, _ IssuerOptions) Finding {
	if !m.Iss {
		return warning("", "no client today; with several issuers, a client cannot know which one responded", "Enable the iss parameter if the issuer offers it.")
	}
	return ok("")
}

// issuerDocument reads a JSON document of at most 1 MB.
func issuerDocument(ctx context.Context, client *http.Client, address string, v any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil || request.URL.Host == "" {
		return fmt.Errorf("%q is not a URL", address)
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); response.StatusCode != http.StatusOK || !strings.HasSuffix(kind, "json") {
		return fmt.Errorf("GET %s: status %d, %s", address, response.StatusCode, kind)
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(v); err != nil {
		return fmt.Errorf("GET %s: not the expected JSON", address)
	}
	return nil
}
