package keys

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
)

// flushOptions are the flags of mcpctl keys flush.
type flushOptions struct {
	target targetFlags
}

func newFlush(env *cli.Env) *cobra.Command {
	var o flushOptions
	cmd := &cobra.Command{
		Use:     "flush",
		Short:   "Flush the gateway's authorizer cache, so that every key is checked again",
		Example: `  go tool mcpctl keys flush --stage prod`,
		Args:    cli.Args(0, 0),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runFlush(cmd.Context(), env, o) },
	}
	o.target.flags(cmd)
	return cmd
}

func runFlush(ctx context.Context, env *cli.Env, o flushOptions) error {
	t, err := o.target.find(ctx, env)
	if err != nil {
		return err
	}
	if err := t.flush(ctx); err != nil {
		return err
	}
	fmt.Fprintln(env.Stdout, "the authorizer cache is empty")
	return nil
}
