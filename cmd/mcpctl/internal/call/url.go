package call

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
)

// urlOptions are the flags of mcpctl url.
type urlOptions struct {
	target cli.Target
}

// NewURL returns the command mcpctl url.
func NewURL(env *cli.Env) *cobra.Command {
	var o urlOptions
	cmd := &cobra.Command{
		Use:   "url",
		Short: "Print the endpoint of the local server or of the deployed stack",
		Example: `  go tool mcpctl url
  go tool mcpctl url --stage dev --region eu-central-1`,
		Args: cli.Args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return runURL(cmd.Context(), env, o) },
	}
	o.target.Flags(cmd)
	return cmd
}

func runURL(ctx context.Context, env *cli.Env, o urlOptions) error {
	s, err := o.target.Find(ctx, env)
	if err != nil {
		return err
	}
	env.Note("%s", s.What)
	fmt.Fprintln(env.Stdout, s.URL)
	return nil
}
