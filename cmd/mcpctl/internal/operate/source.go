package operate

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/deploy/deployed"
	"serverless-mcp/internal/deploy/requestlog"
	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/settings/dotenv"
)

// source is where request lines come from. The zero value means the local server if
// one is running, otherwise the deployed stack of the settings.
type source struct {
	local bool
	stack cli.StackTarget
}

func (s *source) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&s.local, "local", false, "work on the server that mcpctl local runs, or ran last")
	s.stack.Flags(cmd)
	for _, name := range []string{"stack", "stage", "region", "profile"} {
		cmd.MarkFlagsMutuallyExclusive("local", name)
	}
}

// find returns the files of the local server, or the deployed stack.
func (s *source) find(ctx context.Context, env *cli.Env) (requestlog.Files, *deployed.Stack, error) {
	if s.local || !s.stack.Given && cli.LocalRuns(env) {
		root, err := dotenv.Root(env.Dir)
		if err != nil {
			return requestlog.Files{}, nil, fmt.Errorf("find the local server: %w", err)
		}
		return requestlog.Files{Path: local.FolderIn(root).Path(local.RequestsFile)}, nil, nil
	}
	stack, err := s.stack.Find(ctx, env)
	if err != nil && !s.stack.Given {
		return requestlog.Files{}, nil, errors.Join(err, errors.New("for the local server, pass --local"))
	}
	return requestlog.Files{}, stack, err
}
