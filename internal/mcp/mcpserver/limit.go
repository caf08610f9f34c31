package mcpserver

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/tool"
)

// MetaRetryAfter names the member of a refused call's _meta that holds the seconds until
// a call can pass.
const MetaRetryAfter = "serverless-mcp/retryAfterSeconds"

// Refusal is the reason why a tool call is refused although its key may use the tool.
type Refusal struct {
	Text    string // for the model
	Seconds int    // until a call can pass
}

// Limit counts a tool call of a principal and returns a [Refusal] if it is over a
// limit, or nil.
type Limit func(ctx context.Context, p apikey.Principal) *Refusal

// refused returns the result of a call that is over a limit, or nil. The result is a tool
// error with status 200: some clients do not show the status 429, and some treat a server
// that returns any 4xx as an older kind of server.
func (g guard) refused(ctx context.Context) *mcp.CallToolResult {
	if g.limit == nil {
		return nil
	}
	p, _ := tool.PrincipalFrom(ctx)
	r := g.limit(ctx, p)
	if r == nil {
		return nil
	}
	result := mcp.NewToolResultError(r.Text)
	result.Meta = &mcp.Meta{AdditionalFields: map[string]any{MetaRetryAfter: r.Seconds}}
	return result
}

// overLimit reports whether a result says that the call was over a limit.
func overLimit(r *mcp.CallToolResult) bool {
	return r.Meta != nil && r.Meta.AdditionalFields[MetaRetryAfter] != nil
}
