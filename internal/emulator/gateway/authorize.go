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

// authorize asks the route's authorizer and gives the status of a refusal, or
// zero where the request may pass.
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
		a.cfg.Log.ErrorContext(x.r.Context(), "authorizer gave no verdict", "requestId", x.id, "routeKey", x.routeKey(), "error", err)
		return http.StatusInternalServerError
	}
	x.authorizer = v.context
	if !v.allowed {
		return http.StatusForbidden
	}
	return 0
}

// authorizerResult returns the cached result or calls the authorizer. Errors are never kept (unsure, and
// what this project relies on least: it errs where it cannot decide).
// Concurrent requests of one identity each ask, as nothing says otherwise.
func (a *API) authorizerResult(x *exchange, auth *Authorizer, identity []string) (authorizerResult, error) {
	kept := a.results[auth]
	if v, ok := kept.lookup(identity); ok {
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
	kept.keep(identity, v)
	return v, nil
}

// parseAuthorizerResponse reads a simple response; only a true boolean lets in.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
func parseAuthorizerResponse(payload []byte) (authorizerResult, error) {
	var simple struct {
		IsAuthorized *bool          `json:"isAuthorized"`
		Context      map[string]any `json:"context"`
	}
	d := json.NewDecoder(bytes.NewReader(payload))
	d.UseNumber() // numbers of a context reach the function as they were written
	if err := d.Decode(&simple); err != nil {
		return authorizerResult{}, fmt.Errorf("read authorizer's answer: %w", err)
	}
	if simple.IsAuthorized == nil {
		return authorizerResult{}, errors.New("read authorizer's answer: no isAuthorized")
	}
	return authorizerResult{allowed: *simple.IsAuthorized, context: simple.Context}, nil
}
