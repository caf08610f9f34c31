package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// authorizerResult is the response of an authorizer: allow or deny, and its context.
type authorizerResult struct {
	allowed bool
	context map[string]any // reaches the function as requestContext.authorizer.lambda
}

// authorize calls the route's authorizer and returns the status of a rejected
// request, or zero if the request may pass.
func (a *API) authorize(x *exchange) (status int) {
	auth := x.route.Authorizer
	if auth == nil {
		return 0
	}
	identity, ok := a.identityOf(x)
	if !ok {
		return http.StatusUnauthorized
	}
	v, err := a.authorizerResult(x, auth, identity)
	if err != nil {
		x.authorizerError = err.Error()
		a.cfg.Log.ErrorContext(x.r.Context(), "authorizer failed", "requestId", x.id, "routeKey", x.routeKey(), "error", err)
		return http.StatusInternalServerError
	}
	x.authorizer = v.context
	if !v.allowed {
		return http.StatusForbidden
	}
	return 0
}

// authorizerResult returns the cached result or calls the authorizer. Errors are
// not cached (unsure; this project's authorizer returns an error when it cannot
// decide). Concurrent requests with the same identity each call the authorizer, since
// AWS does not document otherwise.
func (a *API) authorizerResult(x *exchange, auth *Authorizer, identity []string) (authorizerResult, error) {
	cache := a.results[auth]
	if v, ok := cache.lookup(identity); ok {
		return v, nil
	}
	event, err := a.authorizerEvent(x, identity)
	if err != nil {
		return authorizerResult{}, err
	}
	limit := auth.Timeout
	if limit == 0 {
		limit = authorizerTimeout
	}
	payload, err := call(x.r.Context(), auth.Function, event, limit)
	if err != nil {
		return authorizerResult{}, fmt.Errorf("call authorizer: %w", err)
	}
	v, err := parseAuthorizerResponse(payload)
	if err != nil {
		return authorizerResult{}, err
	}
	cache.add(identity, v)
	return v, nil
}

// parseAuthorizerResponse reads a simple response. Only the boolean true allows.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
func parseAuthorizerResponse(payload []byte) (authorizerResult, error) {
	var simple struct {
		IsAuthorized *bool          `json:"isAuthorized"`
		Context      map[string]any `json:"context"`
	}
	d := json.NewDecoder(bytes.NewReader(payload))
	d.UseNumber() // the function gets numbers of the context as the authorizer wrote them
	if err := d.Decode(&simple); err != nil {
		return authorizerResult{}, fmt.Errorf("read authorizer's response: %w", err)
	}
	if simple.IsAuthorized == nil {
		return authorizerResult{}, errors.New("read authorizer's response: no isAuthorized")
	}
	return authorizerResult{allowed: *simple.IsAuthorized, context: simple.Context}, nil
}
