package keys

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/keys/keyregistry"
	"serverless-mcp/internal/keys/revocation"
	"serverless-mcp/internal/settings"
)

// confirmBelow is the grace period below which a rotation asks for confirmation,
// because for users of the old key it amounts to a revocation.
const confirmBelow = 10 * time.Second

// maxCacheTTL is the longest time that a gateway may cache an authorizer result,
// which does not contain the old key's new expiry: the maximum of
// AUTHORIZER_CACHE_SECONDS.
const maxCacheTTL = time.Hour

// rotateOptions are the flags and arguments of mcpctl keys rotate.
type rotateOptions struct {
	target         targetFlags
	output         keyOutput
	name           string
	grace, expires string // durations, expires also a date
	yes            bool
}

func newRotate(env *cli.Env) *cobra.Command {
	var o rotateOptions
	cmd := &cobra.Command{
		Use:   "rotate NAME",
		Short: "Replace a key; the old one works until its grace period ends",
		Long: `Replace a key with a new one that has the same name, tools and expiry. The new key works
at once, the old one until the grace period ends. With a grace period under one
hour, the command waits for cached authorizer results to expire; under 10 seconds,
it asks for confirmation.`,
		Example: `  go tool mcpctl keys rotate alice
  go tool mcpctl keys rotate ci --grace 7d --quiet`,
		Args: oneName,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name = args[0]
			return runRotate(cmd.Context(), env, o)
		},
	}
	cmd.Flags().StringVar(&o.grace, "grace", "24h", "grace period of the old key: 24h, 7d, or 0s for none")
	cmd.Flags().StringVar(&o.expires, "expires", "", "expiry of the new key, if not the old one's: 90d, 12h, 2w, or a date")
	yesFlag(cmd, &o.yes)
	o.output.flags(cmd)
	o.target.flags(cmd)
	return cmd
}

// rotation is a rotation as the flags describe it.
type rotation struct {
	name      string
	graceEnds time.Time
	expires   time.Time // zero means the old key's
	yes       bool      // skip the confirmation
}

// rotation parses the flags.
func (o rotateOptions) rotation(now time.Time) (rotation, error) {
	grace, err := cli.ParseDuration("--grace", o.grace)
	if err != nil {
		return rotation{}, err
	}
	expires, err := parseEnd("--expires", o.expires, now)
	if err != nil {
		return rotation{}, err
	}
	if err := checkName(o.name); err != nil {
		return rotation{}, err
	}
	return rotation{
		name: o.name, graceEnds: now.Add(grace).UTC().Truncate(time.Second), expires: expires,
		yes: o.yes || grace >= confirmBelow,
	}, nil
}

func runRotate(ctx context.Context, env *cli.Env, o rotateOptions) error {
	r, err := o.rotation(env.Clock.Now())
	if err != nil {
		return err
	}
	t, err := o.target.find(ctx, env)
	if err != nil {
		return err
	}
	if err := confirmRotation(ctx, env, t, r); err != nil {
		return err
	}
	var old apikey.Key
	var next issuedKey
	successor := func(now apikey.Key) (apikey.Key, error) {
		old = now
		next, err = r.successor(env, t, old)
		return next.Key, err
	}
	written, err := t.change(ctx, env, keyregistry.Issuing, keyregistry.Rotating(r.name, successor, r.graceEnds))
	if err != nil {
		return err
	}
	if err := o.output.print(env, t, []issuedKey{next}); err != nil {
		return err
	}
	noteOldKeyEnds(ctx, env, t, old, r)
	err = verifyNewKey(ctx, env, t, next, written.At)
	if r.graceEnds.Sub(written.At) > maxCacheTTL+revocation.MaxStaleness(settings.AuthorizerTimeout) {
		return err
	}
	// An authorizer result cached before the rotation does not contain the grace
	// period and could be used after its end.
	if err != nil {
		noteFlush(env)
		return err
	}
	if err := enforce(ctx, env, t, written.At, ""); err != nil {
		return fmt.Errorf("the new key is in the registry, but the gateway may accept the old one for longer: %w", err)
	}
	return nil
}

// confirmRotation asks if the old key ends at once.
func confirmRotation(ctx context.Context, env *cli.Env, t *keyTarget, r rotation) error {
	if r.yes {
		return nil
	}
	registry, err := t.Read(ctx)
	if err != nil {
		return t.explained(err)
	}
	if k, found := registry.Document.Current(r.name); found {
		return env.Confirm(ctx, false, "Revoke the current key of %q (tools: %s) at once?", r.name, toolList(k.Tools))
	}
	return nil // the change returns an error that lists the names
}

// successor returns the key that replaces the old one.
func (r rotation) successor(env *cli.Env, t *keyTarget, old apikey.Key) (issuedKey, error) {
	if newer := old.NotUnderstood(apikey.Fields()); len(newer) > 0 {
		return issuedKey{}, fmt.Errorf("key %q has a restriction that this mcpctl does not understand (%s): rotate it with a newer one", r.name, strings.Join(newer, ", "))
	}
	if !r.expires.IsZero() {
		old.Expires = r.expires
	}
	if old.Principal().Expired(env.Clock.Now()) {
		return issuedKey{}, fmt.Errorf("key %q expired on %s: set the expiry of the new key with --expires", r.name, date(old.Expires))
	}
	return t.newKey(old, env.Clock.Now())
}

// noteOldKeyEnds prints when the old key expires.
func noteOldKeyEnds(ctx context.Context, env *cli.Env, t *keyTarget, old apikey.Key, r rotation) {
	ends, also := r.graceEnds, ""
	if !old.Expires.IsZero() && old.Expires.Before(ends) {
		ends = old.Expires
	}
	if t.isDeploymentKey(ctx, old) {
		also = "; it is also the deployment key, which expires at the same time"
	}
	env.Note("the old key of %s works until %s%s", r.name, date(ends), also)
}
