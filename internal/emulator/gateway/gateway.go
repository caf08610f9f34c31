// Package gateway is an HTTP API (API Gateway v2) and, in functionurl.go, a
// Lambda Function URL on this machine: an [http.Handler] in front of functions.
// It does what the deployed gateway does with a request, its traps included, so
// that what works here works there and what surprises there surprises here.
//
// The way of a request: gateway.go, route.go, cors.go, authorize.go, event.go
// (what a function is sent), answer.go (what is made of its response),
// accesslog.go.
//
// Rules come from the API Gateway developer guide, its quotas page, or observed
// behaviour; where neither settles a question the comment says "unsure".
package gateway

import (
	"cmp"
	"net/http"

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

// New checks what API Gateway would refuse to create, and gives the API.
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

// respond takes a request through the gateway's stations. Their order where
// several refuse is unsure, except the authorizer, which is known to come
// before the function and not to be asked about unroutable requests.
func (a *API) respond(x *exchange) response {
	if headerBytes(x.r) > maxHeaderBytes {
		return rejection(http.StatusRequestHeaderFieldsTooLarge) // status unsure
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

// ResetAuthorizersCache forgets every authorizer result, as the API call of that name. An
// authorizer that is deciding meanwhile still has its authorizer result kept: the reset
// is no fence, there as here.
func (a *API) ResetAuthorizersCache() {
	for _, v := range a.results {
		v.reset()
	}
}
