package doctor

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// documents are where clients look for a login, for an endpoint at a path: the
// metadata of the resource (RFC 9728), and that of an authorization server (RFC
// 8414, OpenID Connect Discovery), which they take to be on the same host when
// the former is missing. The list is that of the specification,
// https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization,
// and of its TypeScript and Go SDKs.
func documents(path string) []string {
	path = strings.TrimSuffix(path, "/")
	all := []string{
		"/.well-known/oauth-protected-resource" + path, "/.well-known/oauth-protected-resource",
		"/.well-known/oauth-authorization-server" + path, "/.well-known/oauth-authorization-server",
		"/.well-known/openid-configuration" + path, path + "/.well-known/openid-configuration", "/.well-known/openid-configuration",
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// oauthCheck looks for these documents. Once they find one, Claude Code, Cursor
// and opencode drop the headers that they were configured with.
func oauthCheck(ctx context.Context, x *exam) Finding {
	const breaks = "Claude Code, Cursor and opencode: they drop the configured header and start a login"
	for _, document := range documents(x.endpoint.Path) {
		where := url.URL{Scheme: x.endpoint.Scheme, Host: x.endpoint.Host, Path: document}
		r, err := x.send(ctx, request{method: http.MethodGet, url: where.String(), header: []string{"Accept", "application/json"}})
		if err != nil {
			f := x.unanswered(err, "clients that look there for a login, and wait for it")
			f.Detail = document + ": " + f.Detail
			return f
		}
		if r.status < 300 {
			return failure(document+" is there", breaks, "Answer it with 404, on a server that takes API keys.")
		}
	}
	r, err := x.send(ctx, request{body: initialize})
	if err != nil {
		return x.unanswered(err, "every client whose key does not arrive")
	}
	if strings.Contains(r.header.Get("WWW-Authenticate"), "resource_metadata") {
		return failure("a request without a key is answered with a pointer to OAuth, in WWW-Authenticate", breaks, "Leave that header out, on a server that takes API keys.")
	}
	return ok("")
}
