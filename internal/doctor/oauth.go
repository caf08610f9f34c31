package doctor

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// oauthCheck looks where clients look for a login. Once they find one, Claude
// Code, Cursor and opencode drop the headers that they were configured with.
func oauthCheck(ctx context.Context, x *exam) Finding {
	const breaks = "Claude Code, Cursor and opencode: they drop the configured header and start a login"
	u, err := url.Parse(x.URL)
	if err != nil {
		return failure(err.Error(), "", "")
	}
	path := strings.TrimSuffix(u.Path, "/")
	for _, document := range []string{
		"/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource" + path,
		"/.well-known/oauth-authorization-server", "/.well-known/oauth-authorization-server" + path,
		"/.well-known/openid-configuration",
	} {
		where := url.URL{Scheme: u.Scheme, Host: u.Host, Path: document}
		r, err := x.send(ctx, request{method: http.MethodGet, url: where.String(), header: []string{"Accept", "application/json"}})
		if err != nil {
			return failure(document+": "+err.Error(), breaks, "")
		}
		if r.status < 300 {
			return failure(document+" is there", breaks, "Answer it with 404, on a server that takes API keys.")
		}
	}
	r, err := x.send(ctx, request{body: initialize})
	if err == nil && strings.Contains(r.header.Get("WWW-Authenticate"), "resource_metadata") {
		return failure("a request without a key is answered with a pointer to OAuth, in WWW-Authenticate", breaks, "Leave that header out, on a server that takes API keys.")
	}
	return ok("")
}
