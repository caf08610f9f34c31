package keycheck

import (
	"fmt"
	"net/http"

	"serverless-mcp/internal/hosting/lambdahttp"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcphttp"
)

// FromAuthorizer is mcphttp.Options.Authenticate behind the gateway: it returns
// the principal from the authorizer result in the Lambda event. An event without
// this result is rejected, because its route has no authorizer.
func FromAuthorizer(r *http.Request) (apikey.Principal, error) {
	event, ok := lambdahttp.EventFrom(r.Context())
	if !ok || event.RequestContext.Authorizer == nil {
		return apikey.Principal{}, fmt.Errorf("%w: the event carries no authorizer context", mcphttp.ErrForbidden)
	}
	p, err := apikey.ParseContext(event.RequestContext.Authorizer.Lambda)
	if err != nil {
		return apikey.Principal{}, fmt.Errorf("%w: %w", mcphttp.ErrForbidden, err)
	}
	return p, nil
}
