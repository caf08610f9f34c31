package tool

import (
	"context"

	"serverless-mcp/internal/keys/apikey"
)

type principalKey struct{}

// WithPrincipal returns a context that carries the authenticated principal.
func WithPrincipal(ctx context.Context, p apikey.Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// PrincipalFrom returns the authenticated principal. If it returns false, the request is
// not authenticated and may use nothing.
func PrincipalFrom(ctx context.Context) (apikey.Principal, bool) {
	p, ok := ctx.Value(principalKey{}).(apikey.Principal)
	return p, ok
}
