package lambdahttp

import (
	"context"
	"errors"

	"serverless-mcp/internal/apikey"
)

// Principal is who the gateway's authorizer says is asking. An event that
// carries no verdict of our authorizer is refused: it came by a route that
// nobody guards.
func Principal(ctx context.Context) (apikey.Principal, error) {
	event, ok := EventFrom(ctx)
	if !ok || event.RequestContext.Authorizer == nil {
		return apikey.Principal{}, errors.New("event carries no authorizer context")
	}
	return apikey.ParseContext(event.RequestContext.Authorizer.Lambda)
}
