package keys

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"serverless-mcp/cmd/mcpctl/internal/cli"
)

// authorTimeout limits the lookup of the caller's ARN: a key must be revocable from
// a network that cannot reach STS.
const authorTimeout = 5 * time.Second

// author returns a function that looks up the caller's ARN when it is first called.
// The lookup needs no permission.
func author(env *cli.Env, cfg aws.Config) func(context.Context) string {
	var once sync.Once
	var arn string
	return func(ctx context.Context) string {
		once.Do(func() {
			ctx, cancel := context.WithTimeout(ctx, authorTimeout)
			defer cancel()
			out, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
			if err != nil {
				env.Note("warning: the change is recorded without its author, since STS did not respond: %v", err)
				return
			}
			arn = aws.ToString(out.Arn)
		})
		return arn
	}
}
