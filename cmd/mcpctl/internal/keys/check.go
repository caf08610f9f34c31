package keys

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/keys/apikey"
)

func newCheck(env *cli.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Read a key from standard input and check its form, offline",
		Long: `Read a key from standard input and check, offline, that it has the form
` + apikey.Pattern + `
with the right checksum in its last six characters. Only the server knows whether
the key was issued and is still valid.`,
		Example: `  go tool mcpctl keys check < key.txt`,
		Args:    cli.Args(0, 0),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runCheck(cmd.Context(), env) },
	}
}

func runCheck(ctx context.Context, env *cli.Env) error {
	key, err := readKey(ctx, env)
	if err != nil {
		return err
	}
	if err := apikey.CheckFormat(key); err != nil {
		return err
	}
	stage, ok := apikey.Stage(key)
	if !ok {
		return fmt.Errorf("the key does not have the form of mcpctl's keys, %s; a deployment key may have another form, which cannot be checked offline", apikey.Pattern)
	}
	fmt.Fprintf(env.Stdout, "well-formed, for stage %s\n", stage)
	return nil
}
