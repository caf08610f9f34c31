package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"serverless-mcp/internal/clients/mcpclient"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/keys/keyregistry"
	"serverless-mcp/internal/keys/revocation"
	"serverless-mcp/internal/settings"
)

// errRevokeDefault says how a key is revoked that is in no registry.
var errRevokeDefault = errors.New(`the key "default" belongs to the deployment: set another API_KEY in .env, or API_KEY=none, ` +
	"run npx cdk deploy, wait 40 seconds and run go tool mcpctl keys flush")

func newKeysRevoke(p *program) *cobra.Command {
	var t keysTarget
	var yes bool
	cmd := &cobra.Command{
		Use:   "revoke [NAME]",
		Short: "Take a key out of service, and end when it is certain that nothing lets it in",
		Long: fmt.Sprintf(`Take a key out of service, all keys of that name if it was rotated. The command
ends when nothing can let it in any more, after %s at most.

With the key on standard input the server is asked with it until it is refused,
which proves it. Then the name can be left out: a key that was found somewhere
says by itself whose it is.`, revocation.MaxDuration),
		Example: `  go tool mcpctl keys revoke alice
  go tool mcpctl keys revoke alice --yes < leaked-key.txt`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := ""
			if len(args) > 0 {
				name = args[0]
			}
			if name == apikey.DefaultID {
				return errRevokeDefault
			}
			return p.revoke(cmd.Context(), t, name, yes)
		},
	}
	yesFlag(cmd, &yes)
	t.flags(cmd)
	return cmd
}

func yesFlag(cmd *cobra.Command, yes *bool) {
	cmd.Flags().BoolVarP(yes, "yes", "y", false, "do not ask")
}

func (p *program) revoke(ctx context.Context, t keysTarget, name string, yes bool) error {
	h, err := p.keyholder(ctx, t)
	if err != nil {
		return err
	}
	old, err := p.keyAtHand()
	if err != nil {
		return err
	}
	registry, err := h.Read(ctx)
	if err != nil {
		return h.explained(err)
	}
	if name == "" {
		if name, err = nameOf(registry.Document, old); err != nil {
			if old != "" && h.isShared(ctx, apikey.Key{SHA256: apikey.Hash(old)}) {
				return errRevokeDefault
			}
			return err
		}
		p.note("the key on standard input is the one of %s", name)
	}
	if k, found := registry.Document.Current(name); found {
		p.warnOfShut(ctx, h, registry.Document, name)
		if err := p.confirm(yes, "Revoke %q (tools: %s)?", name, toolList(k.Tools)); err != nil {
			return err
		}
	}
	begun := p.clock.Now()
	written, err := h.change(ctx, p, keyregistry.Revoking, h.Removing(ctx, name, belongsTo(name, old)))
	if err != nil {
		return err
	}
	p.note("%s is out of the registry after %s", name, took(p.clock.Now().Sub(begun)))
	if err := p.enforce(ctx, h, written.At, old); err != nil {
		return fmt.Errorf("%s is out of the registry, but the gateway may go on letting it in: %w", name, err)
	}
	proof := "no verdict from before is left"
	if old != "" {
		proof = "the server refuses it"
	}
	fmt.Fprintf(p.stdout, "%s is revoked: %s, %s after the command\n", name, proof, took(p.clock.Now().Sub(begun)))
	return nil
}

// nameOf is whose key this is.
func nameOf(d apikey.Document, plain string) (string, error) {
	if plain == "" {
		return "", errors.New("need the key's name, or the key on standard input")
	}
	for _, k := range d.Keys {
		if k.SHA256 == apikey.Hash(plain) {
			return k.ID, nil
		}
	}
	return "", errors.New("the key on standard input is none that was issued here; is it another stage's, or the deployment's?")
}

// belongsTo objects to a key on standard input that is somebody else's: one of
// the two would live on.
func belongsTo(name, plain string) func([]apikey.Key) error {
	return func(entries []apikey.Key) error {
		if plain != "" && !slices.ContainsFunc(entries, func(k apikey.Key) bool { return k.SHA256 == apikey.Hash(plain) }) {
			return fmt.Errorf("the key on standard input is not the one of %q; nothing was changed", name)
		}
		return nil
	}
}

// keyAtHand reads a key that is piped in; "" if there is none.
func (p *program) keyAtHand() (string, error) {
	if isTerminal(p.stdin) {
		return "", nil
	}
	key, err := readKey(p.stdin)
	if errors.Is(err, errNoInput) {
		return "", nil
	}
	return key, err
}

// noteFlush tells what is left to do by whoever does not wait.
func (p *program) noteFlush() {
	p.note("once %v have passed, this empties the gateway's cache: go tool mcpctl keys flush", revocation.MaxStaleness(settings.AuthorizerTimeout))
}

// enforce ends when no key that was taken out at the given time is let in, and
// shows what it waits for. If it ends otherwise, it tells what is left to do.
func (p *program) enforce(ctx context.Context, h *keyholder, written time.Time, old string) error {
	g := progress{p: p}
	defer g.end()
	o := revocation.Options{
		AuthorizerTimeout: settings.AuthorizerTimeout,
		Reset:             h.reset, Now: p.clock.Now, Sleep: p.clock.Sleep,
		Progress: func(what string, left time.Duration) {
			detail := ""
			if left > 0 {
				detail = fmt.Sprintf(", %d s", int(left.Seconds()+0.5))
			}
			g.show(what, detail)
		},
	}
	if old != "" {
		o.Probe = func(ctx context.Context) (revocation.Outcome, error) { return askWith(ctx, h.Endpoint, old) }
	}
	_, err := revocation.Enforce(ctx, written, o)
	if err != nil {
		g.end()
		p.noteFlush()
	}
	return err
}

// askWith asks the server with a key.
func askWith(ctx context.Context, endpoint, key string) (revocation.Outcome, error) {
	status, err := mcpclient.Ask(ctx, mcpclient.Options{URL: endpoint, Key: key})
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
