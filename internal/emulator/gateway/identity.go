package gateway

import (
	"errors"
	"fmt"
	"strings"
)

// identitySource evaluates an authorizer's selection expression for a request;
// empty means that the request lacks the value.
type identitySource func(a *API, x *exchange) string

// parseAuthorizer parses the identity sources and rejects what API Gateway rejects.
func parseAuthorizer(auth *Authorizer) ([]identitySource, error) {
	if auth.Function == nil {
		return nil, errors.New("authorizer without a function")
	}
	if auth.TTL < 0 || auth.TTL > maxTTL {
		return nil, fmt.Errorf("authorizer TTL %v is not within 0 and %v", auth.TTL, maxTTL)
	}
	if auth.TTL > 0 && len(auth.IdentitySource) == 0 {
		return nil, errors.New("authorizer with a TTL needs an identity source as the cache key")
	}
	var sources []identitySource
	for _, expression := range auth.IdentitySource {
		source, err := parseIdentitySource(expression)
		if err != nil {
			return nil, err
		}
		sources = append(sources, source)
	}
	return sources, nil
}

func parseIdentitySource(expression string) (identitySource, error) {
	if name, ok := strings.CutPrefix(expression, "$request.header."); ok {
		return func(_ *API, x *exchange) string { return strings.Join(x.r.Header.Values(name), ",") }, nil
	}
	if name, ok := strings.CutPrefix(expression, "$request.querystring."); ok {
		return func(_ *API, x *exchange) string { return strings.Join(x.r.URL.Query()[name], ",") }, nil
	}
	if name, ok := strings.CutPrefix(expression, "$stageVariables."); ok {
		return func(a *API, _ *exchange) string { return a.cfg.StageVariables[name] }, nil
	}
	if expression == "$context.routeKey" {
		return func(_ *API, x *exchange) string { return x.routeKey() }, nil
	}
	return nil, fmt.Errorf("identity source %q is not supported here", expression)
}

// identityOf returns the values of the matched route's identity sources; false if
// the request lacks any.
func (a *API) identityOf(x *exchange) ([]string, bool) {
	values := []string{}
	for _, source := range x.route.identity {
		value := source(a, x)
		if value == "" {
			return nil, false
		}
		values = append(values, value)
	}
	return values, true
}
