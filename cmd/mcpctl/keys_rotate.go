package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"serverless-mcp/internal/apikey"
	"serverless-mcp/internal/keyregistry"
	"serverless-mcp/internal/revocation"
)

// longestVerdict is how long a gateway may keep a verdict, in which the end of
// the old key does not stand yet: the most that AUTHORIZER_CACHE_SECONDS allows.
const longestVerdict = time.Hour

func newKeysRotate(p *program) *cobra.Command {
	var t keysTarget
	var o handout
	var grace, expires string
	cmd := &cobra.Command{
		Use:   "rotate NAME",
		Short: "Give a key a successor; the old one works until its grace ends",
		Long: `Give a key a successor of the same name, tools and end. The new key works at
once, the old one until the grace ends. With a grace of less than an hour the
command waits until the gateway knows of it.`,
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
			return p.rotate(cmd.Context(), t, o, args[0], now.Add(span).UTC().Truncate(time.Second), end)
		},
	}
	cmd.Flags().StringVar(&grace, "grace", "24h", "how long the old key goes on working: 24h, 7d, or 0s for not at all")
	cmd.Flags().StringVar(&expires, "expires", "", "another end for the new key: 90d, 12h, 2w, or a date")
	o.flags(cmd)
	t.flags(cmd)
	return cmd
}

func (p *program) rotate(ctx context.Context, t keysTarget, o handout, name string, graceEnds, expires time.Time) error {
	h, err := p.keyholder(ctx, t)
	if err != nil {
		return err
	}
	var next issued
	var oldEnds time.Time
	successor := func(old apikey.Key) (apikey.Key, error) {
		if oldEnds = graceEnds; !old.Expires.IsZero() && old.Expires.Before(graceEnds) {
			oldEnds = old.Expires
		}
		if !expires.IsZero() {
			old.Expires = expires
		}
		if old.Principal().Expired(p.clock.Now()) {
			return apikey.Key{}, fmt.Errorf("key %q expired on %s: give its successor another end with --expires", name, date(old.Expires))
		}
		next, err = h.newKey(old, p.clock.Now())
		return next.Key, err
	}
	written, err := h.change(ctx, p, keyregistry.Issuing, keyregistry.Rotating(name, successor, graceEnds))
	if err != nil {
		return err
	}
	if err := o.print(p, h, []issued{next}); err != nil {
		return err
	}
	p.note("the old key of %s works until %s", name, date(oldEnds))
	if err := p.tryOut(ctx, h, next, written.At); err != nil {
		return err
	}
	if graceEnds.Sub(written.At) > longestVerdict+revocation.Settle {
		return nil
	}
	// A verdict from before says nothing of the grace, and could outlive it.
	return p.enforce(ctx, h, written.At, "")
}
