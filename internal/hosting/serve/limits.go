package serve

import (
	"context"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/limits"
	"serverless-mcp/internal/mcp/mcpserver"
)

// count counts tool calls; the zero value counts none.
type count struct {
	limit mcpserver.Limit
	usage func(ctx context.Context, p apikey.Principal) (minute, day int, err error)
}

func newCount(o Options) count {
	if o.LimitsTable == "" {
		return count{}
	}
	counter := limits.New(limits.Options{Client: limits.NewClient(o.AWS), Table: o.LimitsTable, Log: o.Log})
	return count{
		limit: func(ctx context.Context, p apikey.Principal) *mcpserver.Refusal {
			r := counter.Count(ctx, p)
			if r == nil {
				return nil
			}
			now := counter.Now()
			return &mcpserver.Refusal{Text: r.Text(p.KeyID, now), Seconds: r.Seconds(now)}
		},
		usage: counter.Usage,
	}
}
