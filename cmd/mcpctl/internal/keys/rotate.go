package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/keys/keyregistry"
	"serverless-mcp/internal/keys/revocation"
	"serverless-mcp/internal/settings"
)

// sudden is the grace below which a rotation is as good as a revocation for
// whoever has the old key, and asks first.
const sudden = 10 * time.Second

// longestVerdict is how long a gateway may keep a verdict, in which the end of
// the old key does not stand yet: the most that AUTHORIZER_CACHE_SECONDS allows.
const longestVerdict = time.Hour

func newKeysRotate(p *program) *cobra.Command {
	var t keysTarget
	var o handout
	var grace, expires string
	var yes bool
	cmd := &cobra.Command{
		Use:   "rotate NAME",
		Short: "Give a key a successor; the old one works until its grace ends",
		Long: `Give a key a successor of the same name, tools and end. The new key works at
once, the old one until the grace ends. With a grace of less than an hour the
command waits until the gateway knows of it. Where there is none to speak of,
it asks first.`,
		Args: oneName,
		RunE: func(cmd *cobra.Command, args []string) error {
			now := p.clock.Now()
			span, err := parseSpan("--grace", grace)
			if err != nil {
				return err
			}
			end, err := parseEnd("--expires", expires, now)
			if err != nil {
				return err
			}
			if err := checkName(args[0]); err != nil {
				return err
			}
			r := rotation{
				name: args[0], graceEnds: now.Add(span).UTC().Truncate(time.Second), expires: end,
				yes: yes || span >= sudden,
			}
			return p.rotate(cmd.Context(), t, o, r)
		},
	}
	cmd.Flags().StringVar(&grace, "grace", "24h", "how long the old key goes on working: 24h, 7d, or 0s for not at all")
	cmd.Flags().StringVar(&expires, "expires", "", "another end for the new key: 90d, 12h, 2w, or a date")
	yesFlag(cmd, &yes)
	o.flags(cmd)
	t.flags(cmd)
	return cmd
}

// rotation is what the flags say about it.
type rotation struct {
	name      string
	graceEnds time.Time
	expires   time.Time // zero means as the old key
	yes       bool      // there is no need to ask
}

func (p *program) rotate(ctx context.Context, t keysTarget, o handout, r rotation) error {
	h, err := p.keyholder(ctx, t)
	if err != nil {
		return err
	}
	if err := p.confirmRotation(ctx, h, r); err != nil {
		return err
	}
	var old apikey.Key
	var next issued
	successor := func(now apikey.Key) (apikey.Key, error) {
		old = now
		next, err = p.successor(h, old, r)
		return next.Key, err
	}
	written, err := h.change(ctx, p, keyregistry.Issuing, keyregistry.Rotating(r.name, successor, r.graceEnds))
	if err != nil {
		return err
	}
	if err := o.print(p, h, []issued{next}); err != nil {
		return err
	}
	p.noteOldEnds(ctx, h, old, r)
	err = p.tryOut(ctx, h, next, written.At)
	if r.graceEnds.Sub(written.At) > longestVerdict+revocation.MaxStaleness(settings.AuthorizerTimeout) {
		return err
	}
	// A verdict from before says nothing of the grace, and could outlive it.
	if err != nil {
		p.noteFlush()
		return err
	}
	if err := p.enforce(ctx, h, written.At, ""); err != nil {
		return fmt.Errorf("the new key is in the registry, but the gateway may let the old one in for longer: %w", err)
	}
	return nil
}

// confirmRotation asks, where the old key ends at once.
func (p *program) confirmRotation(ctx context.Context, h *keyholder, r rotation) error {
	if r.yes {
		return nil
	}
	registry, err := h.Read(ctx)
	if err != nil {
		return h.explained(err)
	}
	if k, found := registry.Document.Current(r.name); found {
		return p.confirm(false, "End the present key of %q (tools: %s) at once?", r.name, toolList(k.Tools))
	}
	return nil // the change will say what there is
}

// successor is the key that follows the old one.
func (p *program) successor(h *keyholder, old apikey.Key, r rotation) (issued, error) {
	if !r.expires.IsZero() {
		old.Expires = r.expires
	}
	if old.Principal().Expired(p.clock.Now()) {
		return issued{}, fmt.Errorf("key %q expired on %s: give its successor another end with --expires", r.name, date(old.Expires))
	}
	return h.newKey(old, p.clock.Now())
}

// noteOldEnds tells until when the old key works.
func (p *program) noteOldEnds(ctx context.Context, h *keyholder, old apikey.Key, r rotation) {
	ends, also := r.graceEnds, ""
	if !old.Expires.IsZero() && old.Expires.Before(ends) {
		ends = old.Expires
	}
	if h.isShared(ctx, old) {
		also = "; it is the deployment's key too, and ends as that as well"
	}
	p.note("the old key of %s works until %s%s", r.name, date(ends), also)
}
