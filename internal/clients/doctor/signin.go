package doctor

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/mcpclient"
)

// signinChecks returns the checks of an endpoint at which people sign in. They need
// no token, which only a person in front of a browser can get.
func signinChecks() []check {
	return []check{
		{"dns", "host name", "the host name resolves", "the host name does not resolve", needNothing, dnsCheck},
		{"tls", "connection", "the server is reached over a private connection", "the server cannot be reached", needNothing, tlsCheck},
		{"no-token", "requests without a token", "requests without a token are rejected", "requests without a token are not rejected", needResponse, noTokenCheck},
		{"wrong-token", "requests with a wrong token", "requests with a wrong token are rejected", "requests with a wrong token are not rejected", needResponse, wrongTokenCheck},
		{"metadata", "sign-in metadata", "the sign-in metadata names this endpoint and an issuer", "the sign-in metadata cannot be used", needResponse, metadataCheck},
		{"challenge", "WWW-Authenticate", "the challenge names the sign-in metadata", "the challenge does not name the sign-in metadata", needResponse, challengeCheck},
		{"keys-alone", "the endpoint for keys", "clients with keys find no OAuth discovery", "clients with keys find OAuth discovery", needResponse, keysAloneCheck},
		{"clock", "clocks", "the clocks agree", "the clocks disagree", needResponse, clockCheck},
		{"calls", "calls with a token", "", "", needResponse, callsCheck},
	}
}

// noTokenCheck tries every first request: a client without a token starts the sign-in
// only after a 401.
func noTokenCheck(ctx context.Context, s *session) Finding {
	for _, q := range firstRequests() {
		r, err := s.send(ctx, q.request)
		switch {
		case err != nil:
			return s.stopUnresponsive(err)
		case r.accepted():
			return acceptedFinding(q.name).titled("requests without a token are accepted")
		case r.status == http.StatusUnauthorized:
		case r.rootCause() != noRootCause:
			return s.stop(r)
		default:
			return failure(q.name+" is answered with "+r.String(), "every client: it starts the sign-in only after a 401", "Answer a missing token with 401. The server's log has the reason.")
		}
	}
	return ok("401")
}

// wrongToken is a JWT with an invalid signature.
const wrongToken = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2V4YW1wbGUuY29tIn0.AAAA"

func wrongTokenCheck(ctx context.Context, s *session) Finding {
	r, err := s.send(ctx, request{body: listTools, header: []string{"Authorization", "Bearer " + wrongToken}})
	switch {
	case err != nil:
		return s.stopUnresponsive(err)
	case r.accepted():
		return acceptedFinding("tools/list").titled("requests with a wrong token are accepted")
	case r.status == http.StatusUnauthorized:
		return ok("401")
	case r.status == http.StatusServiceUnavailable:
		return failure(r.String(), "every client: no one can sign in", "The server cannot read the issuer's keys. Its log has the reason; mcpctl signin check examines the issuer.").titled("requests with a wrong token fail")
	}
	return failure(r.String()+", want 401", "every client whose token expires: it refreshes the token only after a 401", "Answer an invalid token with 401.").titled("requests with a wrong token are rejected with another status than 401")
}

// metadataCheck reads the protected resource metadata, and notes the issuer.
func metadataCheck(ctx context.Context, s *session) Finding {
	const breaks = "every client: it cannot find the issuer"
	at := mcpclient.SigninMetadataURL(s.URL)
	r, err := s.send(ctx, request{method: http.MethodGet, url: at, header: []string{"Accept", "application/json"}})
	if err != nil {
		return s.noResponse(err, breaks)
	}
	var found mcpclient.Signin
	if r.status != http.StatusOK || json.Unmarshal(r.body, &found) != nil {
		return failure("GET "+at+" is answered with "+r.String(), breaks, "Serve the document of RFC 9728 there. In this project it is there if SIGNIN_ISSUER is set and deployed.")
	}
	if err := found.Check(s.URL); err != nil {
		return failure(err.Error(), breaks, "Use the URL that the document names. Behind a proxy or a domain of your own, the server has to know that URL.")
	}
	issuer, err := url.Parse(found.Issuers[0])
	switch {
	case err == nil && mcpclient.IsLoopback(issuer.Hostname()) && !mcpclient.IsLoopback(s.endpoint.Hostname()):
		return failure("the issuer is "+shortened(found.Issuers[0])+", which is a different machine for each caller", breaks, "Set SIGNIN_ISSUER to an issuer that clients can reach.")
	case err != nil || mcpclient.CheckURL(found.Issuers[0]) != nil:
		return failure("the issuer "+shortened(found.Issuers[0])+" has no https URL", breaks, "Set SIGNIN_ISSUER to an https URL.")
	}
	s.issuer, s.scopes = found.Issuers[0], found.Scopes
	return ok(shortened(s.issuer))
}

// challengeCheck reports a challenge that does not arrive. Gateways of AWS rename
// the header; clients then look for the metadata at its well-known path.
func challengeCheck(ctx context.Context, s *session) Finding {
	r, err := s.send(ctx, request{body: initialize})
	if err != nil {
		return s.noResponse(err, "every client")
	}
	if strings.Contains(r.header.Get("WWW-Authenticate"), "resource_metadata") {
		return ok("")
	}
	if strings.Contains(r.header.Get("X-Amzn-Remapped-Www-Authenticate"), "resource_metadata") {
		return ok("AWS has renamed the header to x-amzn-remapped-www-authenticate; clients find the metadata at its path").titled("the challenge is renamed")
	}
	return warning("a 401 without resource_metadata", "clients that do not look for the metadata at its well-known path", "Send the challenge of RFC 9728 section 5.1.")
}

// keysAloneCheck looks for discovery documents that would make clients with keys start a
// login, at the root of the host or for the endpoint for keys.
func keysAloneCheck(ctx context.Context, s *session) Finding {
	keys := strings.TrimSuffix(strings.TrimSuffix(s.endpoint.Path, "/"), "/signin/mcp") + "/mcp"
	for _, path := range discoveryPaths(keys) {
		u := url.URL{Scheme: s.endpoint.Scheme, Host: s.endpoint.Host, Path: path}
		r, err := s.send(ctx, request{method: http.MethodGet, url: u.String(), header: []string{"Accept", "application/json"}})
		if err != nil {
			return s.noResponse(err, "clients that look there for a login and wait for it")
		}
		if r.status < 300 {
			return failure(path+" exists", "Claude Code, Cursor and opencode with a key: they ignore the configured header and start a login", "Serve it for the endpoint for sign-in only.")
		}
	}
	return ok("")
}

// callsCheck reports that this run calls no tool.
func callsCheck(context.Context, *session) Finding {
	return skipped("a person has to sign in: connect a client (mcpctl connect --signin) and use it")
}

// checksFor returns the checks of an endpoint.
func checksFor(endpoint string) []check {
	if clientconfig.ForSignin(endpoint) {
		return signinChecks()
	}
	return checks()
}
