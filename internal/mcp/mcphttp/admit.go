package mcphttp

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"serverless-mcp/internal/keys/apikey"
)

// admit lets a request through that asks for MCP, in the right way, from
// somewhere and somebody that may.
func (h *handler) admit(r *http.Request) (apikey.Principal, *refusal) {
	none := apikey.Principal{}
	if !slices.Contains(h.Paths, strings.TrimSuffix(r.URL.Path, "/")) {
		return none, refuseHTTP(http.StatusNotFound, "no such path")
	}
	if origins, ok := r.Header["Origin"]; ok && !h.allowed(origins) {
		return none, refuseHTTP(http.StatusForbidden, "origin not allowed")
	}
	// GET and DELETE belong to sessions and to streams of their own, which a
	// stateless server has not. There, 405 is the one answer that no client takes for
	// a reason to come back at once or to give up.
	ofSession := h.inSession(r) && (r.Method == http.MethodGet || r.Method == http.MethodDelete)
	if r.Method != http.MethodPost && !ofSession {
		refused := refuseHTTP(http.StatusMethodNotAllowed, "method not allowed")
		refused.allow = http.MethodPost
		return none, refused
	}
	p, err := h.Authenticate(r)
	switch {
	case errors.Is(err, ErrUnauthorized):
		// No WWW-Authenticate: clients take it for the start of OAuth, and
		// then drop the key that they were configured with.
		return none, refuseHTTP(http.StatusUnauthorized, err.Error())
	case errors.Is(err, ErrForbidden):
		return none, refuseHTTP(http.StatusForbidden, err.Error())
	case err != nil:
		return none, refuseHTTP(http.StatusInternalServerError, err.Error())
	case p.Expired(h.Now()):
		// The verdict of an authorizer may be cached past the end of a key.
		return p, refuseHTTP(http.StatusForbidden, "key expired")
	}
	return p, nil
}

// allowed compares whole values: several Origin headers, joined or not, match
// nothing.
func (h *handler) allowed(origins []string) bool {
	return len(origins) == 1 && slices.Contains(h.AllowedOrigins, origins[0])
}
