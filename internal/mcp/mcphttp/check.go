package mcphttp

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/tool"
)

// maxHeaderValue is the limit of a header's values in bytes.
const maxHeaderValue = 8 << 10

// checkRequest checks header sizes, path, Origin, method and credentials, in that
// order, and returns the caller's principal.
func (h *handler) checkRequest(r *http.Request) (apikey.Principal, *rejection) {
	none := apikey.Principal{}
	for _, values := range r.Header {
		if size := 0; slices.ContainsFunc(values, func(v string) bool { size += len(v); return size > maxHeaderValue }) {
			return none, rejectHTTP(http.StatusRequestHeaderFieldsTooLarge, "header too large")
		}
	}
	whoAmI := h.isWhoAmI(r)
	if !whoAmI && !slices.Contains(h.Paths, strings.TrimSuffix(r.URL.Path, "/")) {
		return none, rejectHTTP(http.StatusNotFound, "no such path")
	}
	if origins, ok := r.Header["Origin"]; ok && !h.allowed(origins) {
		return none, rejectHTTP(http.StatusForbidden, "origin not allowed")
	}
	// GET and DELETE exist only in sessions. Elsewhere they get 405, the only status
	// after which no client reconnects in a loop or gives up.
	forSession := h.inSession(r) && (r.Method == http.MethodGet || r.Method == http.MethodDelete)
	if whoAmI && r.Method != http.MethodGet || !whoAmI && r.Method != http.MethodPost && !forSession {
		rejected := rejectHTTP(http.StatusMethodNotAllowed, "method not allowed")
		if rejected.allow = http.MethodPost; whoAmI {
			rejected.allow = http.MethodGet
		}
		return none, rejected
	}
	p, err := h.Authenticate(r)
	var own *HTTPError
	switch {
	case errors.As(err, &own):
		rejected := rejectHTTP(own.Status, own.Error())
		rejected.header = own.Header
		return none, rejected
	case errors.Is(err, ErrUnauthorized):
		// No WWW-Authenticate: it makes clients start OAuth and then drop the key
		// that they were configured with.
		return none, rejectHTTP(http.StatusUnauthorized, err.Error())
	case errors.Is(err, ErrForbidden):
		return none, rejectHTTP(http.StatusForbidden, err.Error())
	case err != nil && errors.Is(r.Context().Err(), context.Canceled):
		return none, rejectHTTP(statusClientDisconnected, "the client disconnected")
	case err != nil:
		return none, rejectHTTP(http.StatusInternalServerError, err.Error())
	case p.Expired(h.Now()):
		// The gateway may cache an authorizer result beyond the key's expiry.
		return p, rejectHTTP(http.StatusForbidden, "key expired")
	}
	return p, nil
}

// errNoLongerAccepted ends the streams and calls of a key that was revoked or has
// expired since they started.
var errNoLongerAccepted = errors.New("the key is no longer accepted")

// recheck returns an error if the key of the request is no longer accepted. ctx holds
// the principal; in a call, it may outlive the request's context.
func (h *handler) recheck(ctx context.Context, r *http.Request) error {
	p, _ := tool.PrincipalFrom(ctx)
	if p.Expired(h.Now()) || h.Recheck != nil && h.Recheck(r.WithContext(ctx)) != nil {
		return errNoLongerAccepted
	}
	return nil
}

// allowed compares whole values: several Origin headers, joined or not, match
// no allowed origin.
func (h *handler) allowed(origins []string) bool {
	return len(origins) == 1 && slices.Contains(h.AllowedOrigins, origins[0])
}
