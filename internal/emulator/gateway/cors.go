package gateway

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// CORS is the cross-origin configuration of an HTTP API or a Function URL.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
type CORS struct {
	AllowOrigins     []string // exact origins, "*", "https://*" or "http://*"
	AllowMethods     []string // zero means the header is not sent
	AllowHeaders     []string // zero means the header is not sent
	ExposeHeaders    []string // zero means the header is not sent
	AllowCredentials bool
	MaxAge           time.Duration // zero means the header is not sent
}

// isPreflight reports whether the request is a CORS preflight, to which a gateway with a
// CORS configuration responds itself. The gateway checks this after routing: a
// route with an authorizer whose method is ANY, OPTIONS or $default gets the
// preflight as a normal request. Browsers send it without a key, so the response
// is 401 (sst/sst issue 5493).
func (c *CORS) isPreflight(r *http.Request) bool {
	return c != nil && r.Method == http.MethodOptions &&
		r.Header.Get("Origin") != "" && r.Header.Get("Access-Control-Request-Method") != ""
}

// preflight returns 204 for any path, without CORS headers if the origin is not
// allowed.
func (c *CORS) preflight(r *http.Request) response {
	h := http.Header{}
	if c.allow(r, h) {
		setNonEmpty(h, "Access-Control-Allow-Methods", strings.Join(c.AllowMethods, ","))
		setNonEmpty(h, "Access-Control-Allow-Headers", strings.Join(c.AllowHeaders, ","))
		if c.MaxAge > 0 {
			h.Set("Access-Control-Max-Age", strconv.Itoa(int(c.MaxAge/time.Second)))
		}
	}
	return response{status: http.StatusNoContent, header: h}
}

// decorate replaces a function's own CORS headers with the configured ones.
func (c *CORS) decorate(r *http.Request, h http.Header) {
	if c == nil {
		return
	}
	for name := range h {
		if strings.HasPrefix(http.CanonicalHeaderKey(name), "Access-Control-") {
			delete(h, name)
		}
	}
	if c.allow(r, h) {
		setNonEmpty(h, "Access-Control-Expose-Headers", strings.Join(c.ExposeHeaders, ","))
	}
}

// allow sets the headers common to preflights and responses, if the origin is
// allowed, and reports whether it is.
func (c *CORS) allow(r *http.Request, h http.Header) bool {
	origin := r.Header.Get("Origin")
	switch {
	case origin == "" || !slices.ContainsFunc(c.AllowOrigins, func(o string) bool { return matchOrigin(o, origin) }):
		return false
	case slices.Contains(c.AllowOrigins, "*"):
		h.Set("Access-Control-Allow-Origin", "*")
	default:
		h.Set("Access-Control-Allow-Origin", origin)
	}
	if c.AllowCredentials {
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	return true
}

func matchOrigin(allowed, origin string) bool {
	if prefix, isPattern := strings.CutSuffix(allowed, "*"); isPattern {
		return strings.HasPrefix(origin, prefix)
	}
	return strings.EqualFold(allowed, origin)
}

func setNonEmpty(h http.Header, name, value string) {
	if value != "" {
		h.Set(name, value)
	}
}
