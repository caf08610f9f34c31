package keys

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/keys/keyregistry"
	"serverless-mcp/internal/keys/keystore"
)

// restoreOptions are the flags and arguments of mcpctl keys restore.
type restoreOptions struct {
	target targetFlags
	file   string // "-" means standard input; empty with secret
	secret string // ARN or name of a secret with a registry; empty means file
	yes    bool
}

func newRestore(env *cli.Env) *cobra.Command {
	var o restoreOptions
	cmd := &cobra.Command{
		Use:   "restore [FILE]",
		Short: "Replace the key registry with an exported one",
		Long: `Replace the key registry with an exported one, from a file or, with -, from standard
input. Keys that are not in it are revoked, and the command waits until they are
rejected. If MCP_API_KEY is one of the restored keys, the command tests it.

With --from-secret the registry comes from a secret in the same account and region:
the IssuedKeys secret that remains when a stack with PROTECT=true is deleted. Its keys
then work in a new stack. The command does not change that secret.`,
		Example: `  go tool mcpctl keys restore keys.json --stage qa
  go tool mcpctl keys restore --from-secret IssuedKeys-1A2b3C4d5E6f --stage prod`,
		Args: func(cmd *cobra.Command, args []string) error {
			if o.secret != "" && len(args) == 0 {
				return nil
			}
			if o.secret != "" {
				return errors.New("pass either a file or --from-secret")
			}
			return oneFile(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.file = args[0]
			}
			return runRestore(cmd.Context(), env, o)
		},
	}
	cmd.Flags().StringVar(&o.secret, "from-secret", "", "ARN or name of a secret that contains a key registry")
	yesFlag(cmd, &o.yes)
	o.target.flags(cmd)
	return cmd
}

func runRestore(ctx context.Context, env *cli.Env, o restoreOptions) error {
	var d apikey.Document
	var err error
	if o.secret == "" { // a mistake in the file is reported before AWS is asked
		if d, err = documentInFile(ctx, env, o.file); err != nil {
			return err
		}
	}
	t, err := o.target.find(ctx, env)
	if err != nil {
		return err
	}
	if o.secret != "" {
		if d, err = t.documentInSecret(ctx, o.secret); err != nil {
			return err
		}
	}
	if err := confirmRestore(ctx, env, t, d, o.yes); err != nil {
		return err
	}
	narrowed := false
	replace := keyregistry.Replacing(d)
	written, err := t.change(ctx, env, keyregistry.Issuing, func(now apikey.Document) (apikey.Document, error) {
		// A change that is tried again may have taken effect the first time.
		narrowed = narrowed || narrows(now, d)
		return replace(now)
	})
	if err != nil {
		return err
	}
	env.Note("the registry is replaced")
	if err := verifyRestored(ctx, env, t, d, written.At); err != nil {
		if narrowed {
			noteFlush(env)
		}
		return err
	}
	noun, also := "keys are", ""
	if len(d.Keys) == 1 {
		noun = "key is"
	}
	if narrowed {
		if err := enforce(ctx, env, t, written.At, ""); err != nil {
			return fmt.Errorf("the registry is replaced, but the gateway may still accept keys that are not in it: %w", err)
		}
		also = "; removals and restrictions of keys are in effect"
	}
	fmt.Fprintf(env.Stdout, "%d %s in the registry%s\n", len(d.Keys), noun, also)
	return nil
}

// confirmRestore prints what the new registry means for the deployment key and
// asks for confirmation.
func confirmRestore(ctx context.Context, env *cli.Env, t *keyTarget, d apikey.Document, yes bool) error {
	before, err := t.Read(ctx)
	if err != nil {
		return t.explained(err)
	}
	warnDeploymentKeyIssued(ctx, env, t, d.Keys)
	warnReactivatesDeploymentKey(ctx, env, t, before.Document, d)
	return env.Confirm(ctx, yes, "Replace the %d current keys with %d?", len(before.Document.Keys), len(d.Keys))
}

// documentInFile reads an exported registry.
func documentInFile(ctx context.Context, env *cli.Env, name string) (apikey.Document, error) {
	data, err := readFile(ctx, env, name)
	if err != nil {
		return apikey.Document{}, err
	}
	d, err := apikey.ParseDocument(data)
	if err != nil {
		return apikey.Document{}, fmt.Errorf("restore %s: %w", name, err)
	}
	return d, nil
}

// documentInSecret reads a registry from another secret.
func (t *keyTarget) documentInSecret(ctx context.Context, id string) (apikey.Document, error) {
	action := fmt.Sprintf("read secret %q", id)
	out, err := t.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &id})
	if keystore.HasNoValue(err) {
		return apikey.Document{}, fmt.Errorf("%s: it has no value, so no key was ever issued", action)
	}
	if err != nil {
		return apikey.Document{}, t.explain(action, err)
	}
	d, err := apikey.ParseDocument([]byte(aws.ToString(out.SecretString)))
	if err != nil {
		return apikey.Document{}, fmt.Errorf("%s: it contains no key registry", action) // not the cause, which may quote the value
	}
	return d, nil
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
// expires earlier, lost a tool, or has another limit.
func narrows(before, after apikey.Document) bool {
	return slices.ContainsFunc(before.Keys, func(k apikey.Key) bool {
		i := slices.IndexFunc(after.Keys, func(a apikey.Key) bool { return a.SHA256 == k.SHA256 })
		if i < 0 {
			return true
		}
		a := after.Keys[i]
		sooner := !a.Expires.IsZero() && (k.Expires.IsZero() || a.Expires.Before(k.Expires))
		fewer := a.Tools != nil && (k.Tools == nil || slices.ContainsFunc(k.Tools, func(tool string) bool { return !slices.Contains(a.Tools, tool) }))
		return sooner || fewer || a.Limits != k.Limits && !a.Limits.IsZero()
	})
}
