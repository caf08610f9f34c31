package tool

import (
	"context"

	"serverless-mcp/internal/keys/apikey"
)

type principalKey struct{}

// WithPrincipal returns a context that says who is asking.
func WithPrincipal(ctx context.Context, p apikey.Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// PrincipalFrom says who is asking. Without a principal nothing is allowed.
func PrincipalFrom(ctx context.Context) (apikey.Principal, bool) {
	p, ok := ctx.Value(principalKey{}).(apikey.Principal)
	return p, ok
}
