// Package keys has the commands that generate, issue and revoke API keys.
//
// All of them except new, hash and check work on a [keyTarget]: the key registry
// and the endpoint of a deployed stack or of the local server.
package keys

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/keys/apikey"
)

// NewCommand returns the command mcpctl keys.
func NewCommand(env *cli.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Create and manage API keys",
		Long: `Create and manage API keys: one for each person and machine.

The commands work on the deployed stack of the settings, on another one with
--stack, --stage, --region and --profile, or with --local on the server that
mcpctl local runs. They print their target first. new, hash and check work offline.`,
		Example: `  go tool mcpctl keys create alice --expires 90d
  go tool mcpctl keys list --stage dev`,
		Args: cobra.NoArgs,
		RunE: cli.ShowHelp,
	}
	cmd.AddCommand(newNew(env), newHash(env), newCheck(env),
		newCreate(env), newLimit(env), newWhoAmI(env), newList(env), newHistory(env), newRotate(env), newRevoke(env), newFlush(env),
		newImport(env), newExport(env), newRestore(env), newShowDeployed(env))
	return cmd
}

// newOptions are the flags of mcpctl keys new.
type newOptions struct {
	stage string // empty means the main stage
}

func newNew(env *cli.Env) *cobra.Command {
	var o newOptions
	cmd := &cobra.Command{
		Use:     "new",
		Short:   "Print a new random key for API_KEY; it is stored nowhere",
		Example: `  go tool mcpctl keys new --stage dev`,
		Args:    cli.Args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !cmd.Flags().Changed("stage") {
				s, _ := env.Settings() // mistakes in other settings do not matter
				o.stage = s.Stage
			}
			return runNew(env, o)
		},
	}
	cmd.Flags().StringVar(&o.stage, "stage", "", "stage written into the key (default: STAGE of the settings)")
	return cmd
}

func runNew(env *cli.Env, o newOptions) error {
	key, err := apikey.New(o.stage, rand.Reader)
	if err != nil {
		return err
	}
	fmt.Fprintln(env.Stdout, key)
	return nil
}

func newHash(env *cli.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "hash",
		Short: "Read a key from standard input and print its SHA-256 for API_KEY_SHA256",
		Example: `  go tool mcpctl keys new | tee /dev/tty | go tool mcpctl keys hash
  go tool mcpctl keys hash < key.txt`,
		Args: cli.Args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return runHash(cmd.Context(), env) },
	}
}

func runHash(ctx context.Context, env *cli.Env) error {
	key, err := readKey(ctx, env)
	if err != nil {
		return err
	}
	if err := apikey.CheckStrength(key); err != nil {
		return fmt.Errorf("hash the key: the key %w", err)
	}
	fmt.Fprintln(env.Stdout, apikey.Hash(key))
	return nil
}

var errNoInput = errors.New("no key on standard input; pipe it in, so that it stays out of the shell's history")

// readKey reads a key from standard input, without a byte order mark and the
// line end that echo and editors add.
func readKey(ctx context.Context, env *cli.Env) (string, error) {
	// No header value may be longer.
	data, err := env.ReadInput(ctx, 16<<10)
	if err != nil {
		return "", fmt.Errorf("read the key from standard input: %w", err)
	}
	key := strings.TrimRight(strings.TrimPrefix(string(data), "\ufeff"), "\r\n")
	if key == "" {
		return "", errNoInput
	}
	return key, nil
}
