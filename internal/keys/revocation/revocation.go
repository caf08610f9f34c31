// Package revocation waits until a revoked key is no longer accepted, and
// reports how long that took.
//
// Two caches stand between the key registry and the endpoint. An authorizer
// uses its keyring for 30 seconds, and the gateway caches authorizer results for
// minutes. The gateway's cache can be reset; the keyring has to expire. The
// reset must come second: otherwise an authorizer with an old keyring fills the
// cache again. Also, a result that is on its way to the gateway during the reset is
// cached after the reset. So Enforce resets twice, with a pause in between.
package revocation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"serverless-mcp/internal/keys/keystore"
)

const (
	// MaxDuration is the longest time from the write of a revocation until the key
	// is rejected, if AWS responds as usual and the authorizer's timeout is at most
	// six seconds.
	MaxDuration = 45 * time.Second

	// MaxOpen is the longest time from the write of a revocation until a server that
	// checks keys itself (shapes stream and container) ends the streams and calls that
	// the key has open: the server uses a keyring for [keystore.TTL], checks
	// the key at each keep-alive of 15 seconds, and reads the secrets for that.
	MaxOpen = keystore.TTL + 15*time.Second + 5*time.Second

	// ResetInterval is the pause between the two resets, for authorizer results
	// that are on their way to the gateway.
	ResetInterval = 3 * time.Second

	networkDelay  = 2 * time.Second
	probeInterval = 500 * time.Millisecond
	probeTimeout  = time.Minute // counted from MaxStaleness
)

// MaxStaleness returns how long after a write an authorizer may still accept a
// key from an older keyring: a keyring that was read just before the write is
// used for [keystore.TTL], a call that begins then ends within the
// authorizer's timeout, and its result needs two seconds at most to arrive.
func MaxStaleness(authorizerTimeout time.Duration) time.Duration {
	return keystore.TTL + authorizerTimeout + networkDelay
}

// Outcome is the server's response to a request with the revoked key.
type Outcome int

// Undecided is the outcome when the authorizer can neither allow nor deny the
// key, such as just after it has read the secrets.
const (
	Undecided Outcome = iota
	Accepted
	Rejected
)

var (
	// ErrStillAccepted means that the server still accepted the key at the deadline.
	ErrStillAccepted = errors.New("the key still works")
	// ErrUndecided means that the server neither accepted nor rejected the key.
	ErrUndecided = errors.New("the server neither accepts nor rejects the key")
)

// Options of [Enforce].
type Options struct {
	// AuthorizerTimeout is the timeout of the authorizer function. Required.
	AuthorizerTimeout time.Duration
	// Reset empties the gateway's cache of authorizer results. Required.
	Reset func(ctx context.Context) error
	// Probe sends a request with the key; nil means that the key is not known.
	Probe func(ctx context.Context) (Outcome, error)
	// Progress is called with the current step and the minimum time that it still
	// takes; nil means no callback.
	Progress func(step string, left time.Duration)

	Now   func() time.Time                                 // required
	Sleep func(ctx context.Context, d time.Duration) error // required
}

// Enforce waits until a key that was removed from the registry at the time written is
// no longer accepted. It returns how long that took, counted from written.
func Enforce(ctx context.Context, written time.Time, o Options) (time.Duration, error) {
	if o.Progress == nil {
		o.Progress = func(string, time.Duration) {}
	}
	settled := written.Add(MaxStaleness(o.AuthorizerTimeout))
	deadline := settled.Add(probeTimeout)
	if err := o.wait(ctx, "waiting until every authorizer has read the new keys", settled); err != nil {
		return 0, err
	}
	first := o.Now()
	if err := o.reset(ctx, deadline, Rejected); err != nil {
		return 0, err
	}
	if err := o.wait(ctx, "waiting for authorizer results on their way to the gateway", first.Add(ResetInterval)); err != nil {
		return 0, err
	}
	// Undecided is enough now: it shows that no allow is cached, which is all that is
	// left to check. Waiting for another rejection could take longer than MaxDuration.
	if err := o.reset(ctx, deadline, Rejected, Undecided); err != nil {
		return 0, err
	}
	return o.Now().Sub(written), nil
}

// reset empties the cache, and repeats that while the server accepts the key, until a
// probe has one of the outcomes in enough.
func (o Options) reset(ctx context.Context, deadline time.Time, enough ...Outcome) error {
	if err := o.Reset(ctx); err != nil || o.Probe == nil {
		return err
	}
	for {
		outcome, err := o.Probe(ctx)
		switch {
		case err == nil && slices.Contains(enough, outcome):
			return nil
		case o.Now().After(deadline):
			return timeoutError(outcome, err)
		case err == nil && outcome == Accepted:
			if err := o.Reset(ctx); err != nil {
				return err
			}
		}
		o.Progress("sending requests with the key until it is rejected", 0)
		if err := o.Sleep(ctx, probeInterval); err != nil {
			return err
		}
	}
}

// timeoutError describes the last probe before the deadline.
func timeoutError(outcome Outcome, err error) error {
	switch {
	case err != nil:
		return fmt.Errorf("check whether the key is rejected: %w", err)
	case outcome == Accepted:
		return ErrStillAccepted
	}
	return ErrUndecided
}

func (o Options) wait(ctx context.Context, step string, until time.Time) error {
	for {
		left := until.Sub(o.Now())
		if left <= 0 {
			return nil
		}
		o.Progress(step, left)
		if err := o.Sleep(ctx, min(left, time.Second)); err != nil {
			return err
		}
	}
}
