package keys

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/keys/keyregistry"
)

// restoreOptions are the flags and arguments of mcpctl keys restore.
type restoreOptions struct {
	target targetFlags
	file   string // "-" means standard input
	yes    bool
}

func newRestore(env *cli.Env) *cobra.Command {
	var o restoreOptions
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Replace the key registry by an exported one",
		Long: `Replace the key registry by an exported one, from a file or with - from standard
input. Keys that are not in it are revoked, and the command waits until they are
rejected. If MCP_API_KEY is one of the restored keys, the command tests it.`,
		Example: `  go tool mcpctl keys restore keys.json --stage qa`,
		Args:    oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.file = args[0]
			return runRestore(cmd.Context(), env, o)
		},
	}
	yesFlag(cmd, &o.yes)
	o.target.flags(cmd)
	return cmd
}

func runRestore(ctx context.Context, env *cli.Env, o restoreOptions) error {
	data, err := readFile(env, o.file)
	if err != nil {
		return err
	}
	d, err := apikey.ParseDocument(data)
	if err != nil {
		return fmt.Errorf("restore %s: %w", o.file, err)
	}
	t, err := o.target.find(ctx, env)
	if err != nil {
		return err
	}
	before, err := t.Read(ctx)
	if err != nil {
		return t.explained(err)
	}
	warnDeploymentKeyIssued(ctx, env, t, d.Keys)
	warnReactivatesDeploymentKey(ctx, env, t, before.Document, d)
	if err := env.Confirm(o.yes, "Replace the %d present keys by %d?", len(before.Document.Keys), len(d.Keys)); err != nil {
		return err
	}
	narrowed := false
	replace := keyregistry.Replacing(d)
	written, err := t.change(ctx, env, keyregistry.Issuing, func(now apikey.Document) (apikey.Document, error) {
		narrowed = narrows(now, d)
		return replace(now)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, "%d keys are in the registry\n", len(d.Keys))
	err = verifyRestored(ctx, env, t, d, written.At)
	if !narrowed {
		return err
	}
	if err != nil {
		noteFlush(env)
		return err
	}
	if err := enforce(ctx, env, t, written.At, ""); err != nil {
		return fmt.Errorf("the registry is replaced, but the gateway may still accept keys that are not in it: %w", err)
	}
	return nil
}

// verifyRestored flushes the authorizer cache and, if MCP_API_KEY is one of the
// keys, calls the server until it accepts that key.
func verifyRestored(ctx context.Context, env *cli.Env, t *keyTarget, d apikey.Document, written time.Time) error {
	plain := env.Getenv("MCP_API_KEY")
	for _, k := range d.Keys {
		if plain != "" && k.SHA256 == apikey.Hash(plain) {
			return verifyNewKey(ctx, env, t, issuedKey{Key: k, Plain: plain}, written)
		}
	}
	env.Note("no restored key was tested: MCP_API_KEY is not one of them")
	return t.flush(ctx)
}

// narrows reports whether a key of before may do less after: it is missing,
// expires earlier, or lost a tool.
func narrows(before, after apikey.Document) bool {
	return slices.ContainsFunc(before.Keys, func(k apikey.Key) bool {
		i := slices.IndexFunc(after.Keys, func(a apikey.Key) bool { return a.SHA256 == k.SHA256 })
		if i < 0 {
			return true
		}
		a := after.Keys[i]
		sooner := !a.Expires.IsZero() && (k.Expires.IsZero() || a.Expires.Before(k.Expires))
		fewer := a.Tools != nil && (k.Tools == nil || slices.ContainsFunc(k.Tools, func(tool string) bool { return !slices.Contains(a.Tools, tool) }))
		return sooner || fewer
	})
}
