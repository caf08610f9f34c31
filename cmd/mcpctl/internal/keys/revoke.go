package keys

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/clients/mcpclient"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/keys/keyregistry"
	"serverless-mcp/internal/keys/revocation"
	"serverless-mcp/internal/settings"
)

// errRevokeDefault describes how to revoke the deployment key, which is not in the
// registry.
var errRevokeDefault = errors.New(`the key "default" belongs to the deployment: set another API_KEY in .env, or API_KEY=none, ` +
	"run npx cdk deploy, wait 40 seconds and run go tool mcpctl keys flush")

// revokeOptions are the flags and arguments of mcpctl keys revoke.
type revokeOptions struct {
	target targetFlags
	name   string // empty means the name of the key on standard input
	yes    bool
}

func newRevoke(env *cli.Env) *cobra.Command {
	var o revokeOptions
	cmd := &cobra.Command{
		Use:   "revoke [NAME]",
		Short: "Revoke a key and wait until it is rejected everywhere",
		Long: fmt.Sprintf(`Revoke a key; after a rotation, all keys of that name. The command ends when the
key can no longer be accepted, after at most %s. Open calls and streams of the key end
  http-api           when the call returns, at most %s after the command ended
  stream, container  at most %s after the key was removed from the registry

With the key on standard input, the command sends requests with the key until the server
rejects it, which proves the revocation. The name is then optional: the command looks
it up in the registry.`, revocation.MaxDuration, settings.FunctionTimeout, revocation.MaxOpen),
		Example: `  go tool mcpctl keys revoke alice
  go tool mcpctl keys revoke alice --yes < leaked-key.txt`,
		Args: cli.Args(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.name = args[0]
			}
			return runRevoke(cmd.Context(), env, o)
		},
	}
	yesFlag(cmd, &o.yes)
	o.target.flags(cmd)
	return cmd
}

func yesFlag(cmd *cobra.Command, yes *bool) {
	cmd.Flags().BoolVarP(yes, "yes", "y", false, "skip the confirmation")
}

func runRevoke(ctx context.Context, env *cli.Env, o revokeOptions) error {
	if o.name == apikey.DefaultID {
		return errRevokeDefault
	}
	t, err := o.target.find(ctx, env)
	if err != nil {
		return err
	}
	old, err := keyOnStdin(ctx, env)
	if err != nil {
		return err
	}
	name, err := confirmRevocation(ctx, env, t, o, old)
	if err != nil {
		return err
	}
	begun := env.Clock.Now()
	written, err := t.change(ctx, env, keyregistry.Revoking, t.Removing(ctx, name, belongsTo(name, old)))
	if err != nil {
		return err
	}
	env.Note("%s was removed from the registry after %s", name, seconds(env.Clock.Now().Sub(begun)))
	if err := enforce(ctx, env, t, written.At, old); err != nil {
		return fmt.Errorf("%s was removed from the registry, but the gateway may still accept it: %w", name, err)
	}
	evidence := "no earlier authorizer result is cached"
	if old != "" {
		evidence = "the server rejects it"
	}
	now := env.Clock.Now()
	fmt.Fprintf(env.Stdout, "%s is revoked: %s, %s after the command started\n", name, evidence, seconds(now.Sub(begun)))
	if ends := t.openUntil(now, written.At); ends.After(now) {
		env.Note("its open calls and streams end by %s", ends.UTC().Format("15:04:05 MST"))
	}
	return nil
}

// openUntil returns when the last call or stream of a key ends, given that new requests are
// rejected from now on and that the key was removed at the time written. Behind the gateway
// a call runs to its end; in the other shapes the server ends it.
func (t *keyTarget) openUntil(now, written time.Time) time.Time {
	if t.apiID != "" {
		return now.Add(settings.FunctionTimeout)
	}
	return written.Add(revocation.MaxOpen)
}

// confirmRevocation finds the name of the key, if only the key is known, and asks
// for confirmation.
func confirmRevocation(ctx context.Context, env *cli.Env, t *keyTarget, o revokeOptions, plain string) (name string, err error) {
	registry, err := t.Read(ctx)
	if err != nil {
		return "", t.explained(err)
	}
	name = o.name
	if name == "" {
		if name, err = nameOf(registry.Document, plain); err != nil {
			if plain != "" && t.isDeploymentKey(ctx, apikey.Key{SHA256: apikey.Hash(plain)}) {
				return "", errRevokeDefault
			}
			return "", err
		}
		env.Note("the key on standard input is that of %s", name)
	}
	k, found := registry.Document.Current(name)
	if !found {
		return name, nil // the change returns an error that lists the names
	}
	warnRevokesDeploymentKey(ctx, env, t, registry.Document, name)
	return name, env.Confirm(ctx, o.yes, "Revoke %q (tools: %s)?", name, toolList(k.Tools))
}

// nameOf returns the name of a key.
func nameOf(d apikey.Document, plain string) (string, error) {
	if plain == "" {
		return "", errors.New("need the key's name, or the key on standard input")
	}
	for _, k := range d.Keys {
		if k.SHA256 == apikey.Hash(plain) {
			return k.ID, nil
		}
	}
	return "", errors.New("the key on standard input was not issued here; it may belong to another stage, or be a deployment key")
}

// belongsTo returns a check that the key on standard input, if any, has the given
// name. Otherwise the user meant two different keys.
func belongsTo(name, plain string) func([]apikey.Key) error {
	return func(entries []apikey.Key) error {
		if plain != "" && !slices.ContainsFunc(entries, func(k apikey.Key) bool { return k.SHA256 == apikey.Hash(plain) }) {
			return fmt.Errorf("the key on standard input is not that of %q; nothing was changed", name)
		}
		return nil
	}
}

// keyOnStdin reads a key that is piped in, and returns "" if there is none.
func keyOnStdin(ctx context.Context, env *cli.Env) (string, error) {
	if cli.IsTerminal(env.Stdin) {
		return "", nil
	}
	key, err := readKey(ctx, env)
	if errors.Is(err, errNoInput) {
		return "", nil
	}
	return key, err
}

// noteFlush prints what the user has to do after an interrupted revocation.
func noteFlush(env *cli.Env) {
	env.Note("in %v, flush the authorizer cache: go tool mcpctl keys flush", revocation.MaxStaleness(settings.AuthorizerTimeout))
}

// enforce waits until no key that was removed at the given time is accepted. It
// shows what it waits for. If it fails, it prints what the user has to do.
func enforce(ctx context.Context, env *cli.Env, t *keyTarget, written time.Time, old string) error {
	progress := cli.Progress{Env: env}
	defer progress.End()
	o := revocation.Options{
		AuthorizerTimeout: settings.AuthorizerTimeout,
		Reset:             t.flush, Now: env.Clock.Now, Sleep: env.Clock.Sleep,
		Progress: func(what string, left time.Duration) {
			detail := ""
			if left > 0 {
				detail = fmt.Sprintf(", %d s", int(left.Seconds()+0.5))
			}
			progress.Show(what, detail)
		},
	}
	if old != "" {
		o.Probe = func(ctx context.Context) (revocation.Outcome, error) { return tryKey(ctx, t.Endpoint, old) }
	}
	_, err := revocation.Enforce(ctx, written, o)
	if err != nil {
		progress.End()
		noteFlush(env)
	}
	return err
}

// tryKey sends a request with the key.
func tryKey(ctx context.Context, endpoint, key string) (revocation.Outcome, error) {
	status, err := mcpclient.Try(ctx, mcpclient.Options{URL: endpoint, Key: key})
	switch {
	case err != nil:
		return revocation.Undecided, err
	case status == http.StatusForbidden:
		return revocation.Rejected, nil
	case status == http.StatusOK:
		return revocation.Accepted, nil
	}
	return revocation.Undecided, nil
}
