// Package revocation sees to it that a key which was taken out of the registry
// opens nothing any more, and says after how long that was certain.
//
// Two caches stand between the registry and the door. An authorizer trusts its
// keyring for half a minute, and the gateway keeps a verdict for minutes. The
// second can be emptied, the first only outlived. Emptying has to come after:
// before that, an authorizer would fill the gateway's cache again from its old
// keyring. And emptying is no fence: a verdict on its way to the gateway at that
// moment is kept afterwards. So it is done twice, with a while in between.
package revocation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"serverless-mcp/internal/keystore"
	"serverless-mcp/internal/settings"
)

const (
	// Settle is how long after a write an authorizer may still say yes from an
	// older keyring: one read just before the write is trusted for
	// [keystore.DefaultTTL], and a call that it answers then ends within
	// [settings.AuthorizerTimeout]. Two seconds are for the way between machines.
	Settle = keystore.DefaultTTL + settings.AuthorizerTimeout + 2*time.Second

	// Promise is how long it takes at most until a revoked key is refused, where
	// AWS answers as it should.
	Promise = 45 * time.Second

	// Between is the while between the two resets, for verdicts on their way.
	Between = 3 * time.Second

	askEvery = time.Second
	askFor   = time.Minute // after Settle
)

// ErrAlive means that the server still lets the key in. Somebody should look.
var ErrAlive = errors.New("the key still works")

// Options of [Enforce].
type Options struct {
	// Reset empties the gateway's cache of verdicts. Required.
	Reset func(ctx context.Context) error
	// Refused asks the server with the key. An error means that it said neither.
	// Nil means that the key is not at hand.
	Refused func(ctx context.Context) (bool, error)
	// Progress is told each second what is going on, and how long it will go on
	// at least; nil means nobody looks.
	Progress func(what string, left time.Duration)

	Now   func() time.Time                                 // required
	Sleep func(ctx context.Context, d time.Duration) error // required
}

// Enforce ends when a key that was taken out of the registry at the given time
// can open nothing. The result is how long that took.
func Enforce(ctx context.Context, written time.Time, o Options) (time.Duration, error) {
	if o.Progress == nil {
		o.Progress = func(string, time.Duration) {}
	}
	giveUp := written.Add(Settle + askFor)
	if err := o.wait(ctx, "waiting until no authorizer can hold an older list of keys", written.Add(Settle)); err != nil {
		return 0, err
	}
	if err := o.emptied(ctx, giveUp); err != nil {
		return 0, err
	}
	if err := o.wait(ctx, "waiting for verdicts that may be on their way", o.Now().Add(Between)); err != nil {
		return 0, err
	}
	if err := o.emptied(ctx, giveUp); err != nil {
		return 0, err
	}
	return o.Now().Sub(written), nil
}

// emptied empties the cache, and does so again as long as the server lets the
// key in.
func (o Options) emptied(ctx context.Context, giveUp time.Time) error {
	var refused bool
	var doubt error
	for {
		if !refused && doubt == nil {
			if err := o.Reset(ctx); err != nil {
				return err
			}
		}
		if o.Refused == nil {
			return nil
		}
		if refused, doubt = o.Refused(ctx); refused {
			return nil
		}
		if o.Now().After(giveUp) {
			return o.gaveUp(doubt)
		}
		o.Progress("asking the server with the key until it is refused", 0)
		if err := o.Sleep(ctx, askEvery); err != nil {
			return err
		}
	}
}

func (o Options) gaveUp(doubt error) error {
	if doubt != nil {
		return fmt.Errorf("whether the key is refused could not be found out: %w", doubt)
	}
	return ErrAlive
}

func (o Options) wait(ctx context.Context, what string, until time.Time) error {
	for {
		left := until.Sub(o.Now())
		if left <= 0 {
			return nil
		}
		o.Progress(what, left)
		if err := o.Sleep(ctx, min(left, time.Second)); err != nil {
			return err
		}
	}
}
