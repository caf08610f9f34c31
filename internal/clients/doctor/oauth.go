package doctor

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// discoveryPaths returns where clients look for OAuth discovery documents of an
// endpoint at a path: resource metadata (RFC 9728), and authorization server metadata (RFC
// 8414, OpenID Connect Discovery), which they expect on the same host if there is no
// resource metadata. The list is that of the specification,
// https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization, and of its
// TypeScript and Go SDKs.
func discoveryPaths(path string) []string {
	path = strings.TrimSuffix(path, "/")
	all := []string{
		"/.well-known/oauth-protected-resource" + path, "/.well-known/oauth-protected-resource",
		"/.well-known/oauth-authorization-server" + path, "/.well-known/oauth-authorization-server",
		"/.well-known/openid-configuration" + path, path + "/.well-known/openid-configuration", "/.well-known/openid-configuration",
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// oauthCheck looks for discovery documents. If Claude Code, Cursor or opencode
// find one, they ignore their configured headers.
func oauthCheck(ctx context.Context, s *session) Finding {
	const breaks = "Claude Code, Cursor and opencode: they ignore the configured header and start a login"
	for _, path := range discoveryPaths(s.endpoint.Path) {
		document := url.URL{Scheme: s.endpoint.Scheme, Host: s.endpoint.Host, Path: path}
		r, err := s.send(ctx, request{method: http.MethodGet, url: document.String(), header: []string{"Accept", "application/json"}})
		if err != nil {
			f := s.noResponse(err, "clients that look there for a login and wait for it")
			f.Detail = path + ": " + f.Detail
			return f
		}
		if r.status < 300 {
			return failure(path+" exists", breaks, "Answer it with 404 on a server that takes API keys.")
		}
	}
	r, err := s.send(ctx, request{body: initialize})
	if err != nil {
		return s.noResponse(err, "every client whose key does not arrive")
	}
	if strings.Contains(r.header.Get("WWW-Authenticate"), "resource_metadata") {
		return failure("a request without a key gets resource_metadata in WWW-Authenticate", breaks, "Omit it on a server that takes API keys.")
	}
	return ok("")
}
