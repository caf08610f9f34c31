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
	"slices"
	"time"

	"serverless-mcp/internal/keys/keystore"
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

	askEvery = 500 * time.Millisecond
	askFor   = time.Minute // after Settle
)

// Answer is what became of a request with the key.
type Answer int

// An authorizer that has just read the keys may not be allowed to read them
// again yet, and then gives no verdict on a key that it does not know.
const (
	Undecided Answer = iota
	LetIn
	Refused
)

var (
	// ErrAlive means that the server still lets the key in. Somebody should look.
	ErrAlive = errors.New("the key still works")
	// ErrUndecided means that the server would not say.
	ErrUndecided = errors.New("the server neither lets the key in nor refuses it")
)

// Options of [Enforce].
type Options struct {
	// Reset empties the gateway's cache of verdicts. Required.
	Reset func(ctx context.Context) error
	// Ask sends a request with the key. Nil means that the key is not at hand.
	Ask func(ctx context.Context) (Answer, error)
	// Progress is told what is going on, and how long it will go on at least;
	// nil means nobody looks.
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
	first := o.Now()
	if err := o.empty(ctx, giveUp, Refused); err != nil {
		return 0, err
	}
	if err := o.wait(ctx, "waiting for verdicts that may be on their way", first.Add(Between)); err != nil {
		return 0, err
	}
	// Whoever gets no verdict now was not let in by a kept one, which is all
	// that there is left to find out. To insist on another refusal could take
	// longer than we promise.
	if err := o.empty(ctx, giveUp, Refused, Undecided); err != nil {
		return 0, err
	}
	return o.Now().Sub(written), nil
}

// empty empties the cache, again as long as the server lets the key in, and
// ends with one of the answers that are enough.
func (o Options) empty(ctx context.Context, giveUp time.Time, enough ...Answer) error {
	if err := o.Reset(ctx); err != nil || o.Ask == nil {
		return err
	}
	for {
		answer, err := o.Ask(ctx)
		switch {
		case err == nil && slices.Contains(enough, answer):
			return nil
		case o.Now().After(giveUp):
			return gaveUp(answer, err)
		case err == nil && answer == LetIn:
			if err := o.Reset(ctx); err != nil {
				return err
			}
		}
		o.Progress("asking the server with the key until it is refused", 0)
		if err := o.Sleep(ctx, askEvery); err != nil {
			return err
		}
	}
}

func gaveUp(answer Answer, err error) error {
	switch {
	case err != nil:
		return fmt.Errorf("whether the key is refused could not be found out: %w", err)
	case answer == LetIn:
		return ErrAlive
	}
	return ErrUndecided
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
