package keys

import (
	"fmt"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/keys/apikey"
)

func newCheck(env *cli.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Read a key from standard input and say, offline, whether it is well-formed",
		Long: `Read a key from standard input and say, offline, whether it is well-formed: of the
form ` + apikey.Pattern + `
with the right checksum in its last six characters. Whether anybody has issued it,
and whether it still opens something, only the server can tell.`,
		Example: `  go tool mcpctl keys check < key.txt`,
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return runCheck(env) },
	}
}

func runCheck(env *cli.Env) error {
	key, err := readKey(env.Stdin)
	if err != nil {
		return err
	}
	if err := apikey.CheckFormat(key); err != nil {
		return err
	}
	stage, ok := apikey.Stage(key)
	if !ok {
		return fmt.Errorf("this is not of the form that mcpctl makes, %s; a deployment may have a key of another form, about which nothing can be said offline", apikey.Pattern)
	}
	fmt.Fprintf(env.Stdout, "well-formed, made for stage %s\n", stage)
	return nil
}
