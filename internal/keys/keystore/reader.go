// Package keystore keeps API keys in two secrets of AWS Secrets Manager. Its
// [Reader] is what the authorizer asks whose key it was sent.
//
// The gateway in front caches a decision for minutes, so a wrong "no" is as bad
// as a wrong "yes". The reader therefore answers yes from a keyring that is at
// most 30 seconds old, no only from one that was read after the question came,
// and an error, which nobody caches, where it can say neither.
//
// While Secrets Manager does not answer, the last keyring serves for a quarter
// of an hour. When it answers that we may not or cannot read the keys (access
// denied, no such secret, a value that is no key document) the keyring is
// dropped at once: somebody may have wanted exactly that.
package keystore

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"serverless-mcp/internal/keys/apikey"
)

// ErrCannotDecide means that a key is unknown to a keyring that may be older
// than the key, and that it is too early to read the secrets again.
var ErrCannotDecide = errors.New("the key is unknown so far, and the secrets were read too recently to read them again")

// DefaultTTL is how long a keyring is trusted, counted from when its read began.
// A key that was revoked lives no longer, unless Secrets Manager is out of order.
const DefaultTTL = 30 * time.Second

// Numbers of the Reader that are no options, because others are built on them:
// the longest Lookup, a wait and a read, has to fit into the authorizer's five
// seconds.
const (
	refreshEvery = 5 * time.Second         // one read in this time, at most
	retryEvery   = time.Second             // the same while there is no keyring at all
	maxWait      = 2 * time.Second         // how long a Lookup waits for the next read to be allowed
	readTimeout  = 2500 * time.Millisecond // for both secrets, which are read at once
	serveStale   = 15 * time.Minute        // since the read that the keyring comes from
)

// Options of a [Reader].
type Options struct {
	Secrets    Secrets       // required
	DefaultKey string        // id or ARN of the deployment's key; empty means that there is none
	IssuedKeys string        // id or ARN of the issued keys' document; required
	TTL        time.Duration // how long a keyring is trusted; zero means [DefaultTTL], less than 5 seconds counts as 5
	Log        *slog.Logger  // told each time an old keyring serves, and of a key in both secrets; nil means nobody

	Now   func() time.Time                     // nil means time.Now
	After func(time.Duration) <-chan time.Time // nil means time.After
}

// Reader looks keys up in both secrets. It may be used by many at once.
type Reader struct {
	o      Options
	flight singleflight.Group

	mu sync.Mutex
	state
}

// NewReader makes a reader. It reads nothing yet: see [Reader.Warm].
func NewReader(o Options) *Reader {
	if o.TTL == 0 {
		o.TTL = DefaultTTL
	}
	o.TTL = max(o.TTL, refreshEvery)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.After == nil {
		o.After = time.After
	}
	return &Reader{o: o}
}

// Warm reads the secrets ahead of the first question. It does not count
// against the limit of reads, so that the first unknown key can be refused at
// once. After an error the reader is as good as before.
func (r *Reader) Warm(ctx context.Context) error {
	return r.refresh(ctx, unlimited)
}

// Lookup is who the key belongs to. The principal may have expired: ask
// [apikey.Principal.Expired]. Where the key is not known (false), the principal
// names the one who had it, if it was revoked during the life of this reader.
//
// An error means that nothing was decided.
func (r *Reader) Lookup(ctx context.Context, plain string) (apikey.Principal, bool, error) {
	arrived := r.snapshot().begun
	ring, err := r.trusted(ctx)
	if err != nil {
		return apikey.Principal{}, false, err
	}
	if p, found := ring.Lookup(plain); found && !p.Expired(r.now()) {
		return p, true, nil
	}
	if ring, err = r.readAfter(ctx, arrived); err != nil {
		return apikey.Principal{}, false, err
	}
	if p, found := ring.Lookup(plain); found {
		return p, true, nil
	}
	former, _ := ring.Revoked(plain)
	return former, false, nil
}

// trusted is a keyring that is good for a yes: young, or the last one while
// Secrets Manager is out of order.
func (r *Reader) trusted(ctx context.Context) (*apikey.Keyring, error) {
	s := r.snapshot()
	if s.ring == nil {
		return r.readAfter(ctx, 0)
	}
	if s.isYoung(r.now(), r.o.TTL) {
		return s.ring, nil
	}
	err := r.refresh(ctx, limited)
	s = r.snapshot()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case s.ring != nil && s.isYoung(r.now(), r.o.TTL):
		return s.ring, nil
	case s.ring != nil && s.err != nil:
		r.o.Log.WarnContext(ctx, "secrets cannot be read, the last keyring serves",
			"age", r.now().Sub(s.readAt).Round(time.Second).String(), "error", s.err)
		return s.ring, nil
	case err != nil && !errors.Is(err, ErrCannotDecide):
		return nil, err
	}
	return r.readAfter(ctx, s.number)
}

// readAfter is a keyring whose read began after the given number of reads,
// which makes it good for a no. It waits until another read is allowed, up to
// maxWait.
func (r *Reader) readAfter(ctx context.Context, number int) (*apikey.Keyring, error) {
	begun := r.now()
	for {
		if s := r.snapshot(); s.ring != nil && s.number > number {
			return s.ring, nil
		}
		err := r.refresh(ctx, limited)
		if err == nil {
			continue // it may have been one that had begun earlier
		}
		if !errors.Is(err, ErrCannotDecide) {
			return nil, err
		}
		wait := r.snapshot().untilAllowed(r.now())
		if r.now().Add(wait).Sub(begun) > maxWait {
			return nil, err
		}
		select {
		case <-r.o.After(wait):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// now is the wall clock alone. A frozen Lambda instance may come back with a
// monotonic clock that stood still, which would keep a revoked key alive.
func (r *Reader) now() time.Time {
	return r.o.Now().Round(0)
}
