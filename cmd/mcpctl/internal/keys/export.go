package keys

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
)

// exportOptions are the flags of mcpctl keys export.
type exportOptions struct {
	target targetFlags
}

func newExport(env *cli.Env) *cobra.Command {
	var o exportOptions
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Print the key registry, with hashes and without keys, for restore",
		Example: `  go tool mcpctl keys export > keys.json
  go tool mcpctl keys export --stage dev | go tool mcpctl keys restore - --stage qa --yes`,
		Args: cli.Args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return runExport(cmd.Context(), env, o) },
	}
	o.target.flags(cmd)
	return cmd
}

func runExport(ctx context.Context, env *cli.Env, o exportOptions) error {
	t, err := o.target.find(ctx, env)
	if err != nil {
		return err
	}
	registry, err := t.Read(ctx)
	if err != nil {
		return t.explained(err)
	}
	text, err := registry.Document.WithoutChange().Marshal()
	if err != nil {
		return err
	}
	fmt.Fprintln(env.Stdout, string(text))
	return nil
}
