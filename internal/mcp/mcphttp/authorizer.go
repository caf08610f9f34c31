package mcphttp

import (
	"fmt"
	"net/http"

	"serverless-mcp/internal/hosting/lambdahttp"
	"serverless-mcp/internal/keys/apikey"
)

// FromAuthorizer is Options.Authenticate behind the gateway, whose authorizer
// has checked the key and says in the event who is asking. An event without
// its verdict is refused: it came by a route that nobody guards.
func FromAuthorizer(r *http.Request) (apikey.Principal, error) {
	event, ok := lambdahttp.EventFrom(r.Context())
	if !ok || event.RequestContext.Authorizer == nil {
		return apikey.Principal{}, fmt.Errorf("%w: the event carries no authorizer context", ErrForbidden)
	}
	p, err := apikey.ParseContext(event.RequestContext.Authorizer.Lambda)
	if err != nil {
		return apikey.Principal{}, fmt.Errorf("%w: %w", ErrForbidden, err)
	}
	return p, nil
}
