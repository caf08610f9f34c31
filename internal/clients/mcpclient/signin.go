package mcpclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"serverless-mcp/internal/clients/printable"
)

// maxMetadata bounds a protected resource metadata document.
const maxMetadata = 64 << 10

// Signin is what an endpoint at which people sign in serves without a token: its
// protected resource metadata, RFC 9728 section 2.
type Signin struct {
	Resource string   `json:"resource"`
	Issuers  []string `json:"authorization_servers"`
	Scopes   []string `json:"scopes_supported"`
}

// SigninMetadataURL returns where an endpoint's metadata is, RFC 9728 section 3.1.
func SigninMetadataURL(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil {
		return ""
	}
	u.Path = "/.well-known/oauth-protected-resource" + strings.TrimSuffix(u.Path, "/")
	u.RawPath, u.RawQuery, u.Fragment = "", "", ""
	return u.String()
}

// FindSignin reads the metadata of an endpoint and checks that clients will accept
// it. It sends no credential.
func FindSignin(ctx context.Context, o Options) (Signin, error) {
	if err := CheckURL(o.URL); err != nil {
		return Signin{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, SigninMetadataURL(o.URL), nil)
	if err != nil {
		return Signin{}, fmt.Errorf("read the sign-in metadata of %s: %w", o.URL, err)
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", orDefault(o.Name, "mcpctl"))
	resp, err := httpClient(o.Transport, nil).Do(r)
	if err != nil {
		return Signin{}, fmt.Errorf("read the sign-in metadata of %s: %w", o.URL, cause(err))
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxMetadata))
	if err != nil {
		return Signin{}, fmt.Errorf("read the sign-in metadata of %s: %w", o.URL, err)
	}
	var s Signin
	if err := json.Unmarshal(data, &s); err != nil {
		return Signin{}, fmt.Errorf("read the sign-in metadata of %s: it is not JSON", o.URL)
	}
	if err := s.Check(o.URL); err != nil {
		return Signin{}, fmt.Errorf("read the sign-in metadata of %s: %w", o.URL, err)
	}
	return s, nil
}

// Check returns an error if clients would reject the metadata for an endpoint: they
// compare the resource with the URL that they were given (RFC 9728 section 3.3).
func (s Signin) Check(endpoint string) error {
	switch {
	case strings.TrimSuffix(s.Resource, "/") != strings.TrimSuffix(endpoint, "/"):
		return fmt.Errorf("it is for the resource %q, not for this endpoint", printable.Line(s.Resource))
	case len(s.Issuers) == 0:
		return errors.New("it names no issuer")
	}
	return nil
}
