package operate

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/deploy/deployed"
	"serverless-mcp/internal/deploy/requestlog"
	"serverless-mcp/internal/devserver/local"
)

// source is where request lines come from. The zero value means the local server if
// one is running, otherwise the deployed stack of the settings.
type source struct {
	local bool
	stack cli.StackTarget
}

func (s *source) flags(cmd *cobra.Command) {
	s.stack.Flags(cmd)
	cli.LocalFlag(cmd, &s.local, cli.LocalUsage+", or ran last")
}

// find returns the files of the local server, or the deployed stack.
func (s *source) find(ctx context.Context, env *cli.Env) (requestlog.Files, *deployed.Stack, error) {
	if s.local || !s.stack.Given && cli.LocalRuns(env) {
		folder, err := cli.LocalFolder(env)
		return requestlog.Files{Path: folder.Path(local.RequestsFile)}, nil, err
	}
	stack, err := s.stack.Find(ctx, env)
	if err != nil && !s.stack.Given {
		return requestlog.Files{}, nil, errors.Join(err, errors.New("for the local server, pass --local"))
	}
	return requestlog.Files{}, stack, err
}
