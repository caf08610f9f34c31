// Package gateway emulates an HTTP API (API Gateway v2) and, in functionurl.go, a
// Lambda Function URL: an [http.Handler] in front of functions. It treats a request
// as the deployed gateway does, including the surprising parts, so that a client sees
// the same behavior locally and on AWS.
//
// A request passes through gateway.go, route.go, cors.go, authorize.go, event.go
// (the event for the function), response.go (its response) and accesslog.go.
//
// The rules come from the API Gateway developer guide, its quotas page, or observed
// behavior. "Unsure" in a comment means that none of them settles the question.
package gateway

import (
	"cmp"
	"net"
	"net/http"
	"strings"

	"golang.org/x/time/rate"
)

// API serves a [Config].
type API struct {
	cfg     Config
	routes  []*route
	limiter *rate.Limiter // nil means no throttle
	results map[*Authorizer]*resultCache
	access  *accessLog
}

// New returns the API, or an error if API Gateway would reject the configuration.
func New(cfg Config) (*API, error) {
	cfg = cfg.withDefaults()
	routes, err := parseRoutes(cfg.Routes)
	if err != nil {
		return nil, err
	}
	a := &API{cfg: cfg, routes: routes, results: map[*Authorizer]*resultCache{}, access: newAccessLog(cfg)}
	for _, r := range routes {
		if auth := r.Authorizer; auth != nil && auth.TTL > 0 {
			a.results[auth] = newResultCache(auth.TTL, cfg.Now)
		}
	}
	if cfg.ThrottleRate > 0 {
		a.limiter = rate.NewLimiter(rate.Limit(cfg.ThrottleRate), cfg.ThrottleBurst)
	}
	return a, nil
}

// ServeHTTP implements [http.Handler].
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := a.begin(r)
	resp := a.respond(x)
	resp.header.Set("Apigw-Requestid", x.id)
	resp.write(w, r)
	a.access.record(a, x, resp)
}

// respond runs the gateway's steps. If several of them would reject a request, the
// order is unsure, except that the authorizer comes before the function and is not
// called for requests without a route.
func (a *API) respond(x *exchange) response {
	if headerBytes(x.r) > maxHeaderBytes {
		return rejection(http.StatusRequestHeaderFieldsTooLarge) // status unsure
	}
	if a.cfg.DisableEndpoint && !a.isDomain(x.r.Host) {
		return rejection(http.StatusNotFound) // status unsure
	}
	found := a.match(x)
	if a.cfg.CORS.isPreflight(x.r) && !(found && x.route.Authorizer != nil) {
		return a.cfg.CORS.preflight(x.r)
	}
	if !found {
		return rejection(http.StatusNotFound)
	}
	if limiter := cmp.Or(x.route.limiter, a.limiter); limiter != nil && !limiter.AllowN(x.start, 1) {
		return rejection(http.StatusTooManyRequests)
	}
	if status := x.readBody(); status != 0 {
		return rejection(status)
	}
	if status := a.authorize(x); status != 0 {
		return rejection(status)
	}
	resp := a.integrate(x)
	a.cfg.CORS.decorate(x.r, resp.header)
	return resp
}

// isDomain reports whether a Host header names the custom domain.
func (a *API) isDomain(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.EqualFold(host, a.cfg.Domain)
}

// ResetAuthorizersCache drops all cached authorizer results, as the API call of that
// name does. An authorizer call in progress still caches its result afterwards, as on
// AWS, so the reset is not a barrier.
func (a *API) ResetAuthorizersCache() {
	for _, v := range a.results {
		v.reset()
	}
}
