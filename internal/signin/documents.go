package signin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
	josejson "github.com/go-jose/go-jose/v4/json"
)

// maxDocument bounds a document of the issuer, after decompression.
const maxDocument = 512 << 10

// maxKeys bounds the keys that are tried for a token without a kid.
const maxKeys = 50

// unmarshal decodes JSON as go-jose decodes claims: names are case-sensitive, and a
// repeated name is an error.
func unmarshal(data []byte, v any) error { return josejson.Unmarshal(data, v) }

// readKeys returns the issuer's public signing keys, which it finds through the issuer's
// metadata (OpenID Connect Discovery section 4).
func readKeys(ctx context.Context, client *http.Client, issuer string) ([]jose.JSONWebKey, error) {
	var metadata struct {
		Issuer  string `json:"issuer"`
		JWKSURI string `json:"jwks_uri"`
	}
	if err := getJSON(ctx, client, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration", &metadata); err != nil {
		return nil, fmt.Errorf("read the issuer's metadata: %w", err)
	}
	if metadata.Issuer != issuer { // OpenID Connect Discovery section 4.3
		return nil, errors.New("read the issuer's metadata: it names another issuer")
	}
	if err := checkEndpoint(metadata.JWKSURI); err != nil {
		return nil, fmt.Errorf("read the issuer's metadata: jwks_uri: %w", err)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := getJSON(ctx, client, metadata.JWKSURI, &set); err != nil {
		return nil, fmt.Errorf("read the issuer's keys: %w", err)
	}
	var keys []jose.JSONWebKey
	for _, raw := range set.Keys[:min(len(set.Keys), maxKeys)] {
		var k jose.JSONWebKey
		// Skip other keys: an issuer may have keys of types that we do not support.
		if k.UnmarshalJSON(raw) == nil && k.Valid() && k.IsPublic() && verifies(raw) {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("read the issuer's keys: there is no public key")
	}
	return keys, nil
}

// verifies reports whether a key's key_ops, if present, contains "verify": RFC 7517
// section 4.3. go-jose does not read key_ops.
func verifies(key json.RawMessage) bool {
	var k struct {
		Operations []string `json:"key_ops"`
	}
	return json.Unmarshal(key, &k) == nil && (k.Operations == nil || slices.Contains(k.Operations, "verify"))
}

// getJSON requests a document of the issuer. Its errors quote nothing of the response.
func getJSON(ctx context.Context, client *http.Client, address string, v any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return errors.New("the URL is invalid")
	}
	request.Header.Set("Accept", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("GET %s: no response", request.URL.Host)
	}
	defer response.Body.Close()
	for r := response.Request; r.Response != nil; r = r.Response.Request { // each redirect, the last first
		if err := checkEndpoint(r.URL.String()); err != nil {
			return fmt.Errorf("GET %s: redirected: %w", request.URL.Host, err)
		}
	}
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if response.StatusCode != http.StatusOK || kind != "application/json" && !strings.HasSuffix(kind, "+json") {
		return fmt.Errorf("GET %s: status %d, want JSON with 200", request.URL.Host, response.StatusCode)
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, maxDocument+1))
	if err != nil {
		return fmt.Errorf("GET %s: the response is incomplete", request.URL.Host)
	}
	if len(data) > maxDocument {
		return fmt.Errorf("GET %s: over %d bytes", request.URL.Host, maxDocument)
	}
	if json.Unmarshal(data, v) != nil {
		return fmt.Errorf("GET %s: not the expected JSON", request.URL.Host)
	}
	return nil
}

// checkURL is [checkEndpoint] for an issuer or a resource, whose URL has no query.
func checkURL(text string) error {
	if u, err := url.Parse(text); err == nil && u.RawQuery != "" {
		return errors.New("a URL with a query")
	}
	return checkEndpoint(text)
}

// checkEndpoint rejects URLs that are not https, except on a loopback address. It accepts a
// query, which an issuer's endpoints may have (RFC 6749 section 3.1).
func checkEndpoint(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return errors.New("not an absolute URL without user and fragment")
	}
	if u.Scheme == "https" || u.Scheme == "http" && Loopback(u.Host) {
		return nil
	}
	return errors.New("not an https URL")
}

// Loopback reports whether a host, with or without a port, is this machine.
func Loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
