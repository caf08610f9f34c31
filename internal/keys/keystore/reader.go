// Package keystore reads API keys from two secrets of AWS Secrets Manager. The
// authorizer uses its [Reader] to find the principal of each key.
//
// The gateway caches an authorizer result for minutes, so a wrong denial does as
// much harm as a wrong allow. The reader therefore allows a key from a keyring
// that is at most 30 seconds old, denies one only from a keyring whose read began
// after the request arrived, and otherwise returns an error, which is not cached.
//
// While Secrets Manager is unavailable, the last keyring is used for 15 minutes.
// If Secrets Manager responds that the keys may not or cannot be read (access
// denied, no such secret, a value that is not a key document), the keyring is
// dropped at once, because that may be intended.
package keystore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"serverless-mcp/internal/keys/apikey"
)

// TTL is how long a keyring is used, counted from the beginning of its
// read. A revoked key is not accepted for longer unless Secrets Manager is
// unavailable.
const TTL = 30 * time.Second

// Defaults of the limit of reads, see [Options].
const (
	DefaultReads        = 10
	DefaultReadInterval = 5 * time.Second
)

// The limits of a Lookup. The longest one, a wait and a read, must end within the
// five seconds of the authorizer's timeout.
const (
	retryInterval = time.Second             // replaces Options.ReadInterval while there is no keyring
	maxWait       = 2 * time.Second         // for the next read to be allowed
	readTimeout   = 2500 * time.Millisecond // for both secrets, which are read at the same time
	maxStale      = 15 * time.Minute        // since the read of the keyring
)

// TooManyReadsError means that no keyring in memory allows the key, and that the limit of
// reads does not permit reading the secrets now. Whether the key is valid is unknown.
type TooManyReadsError struct {
	RetryAfter time.Duration // until the next read is allowed
}

// Error implements error.
func (e *TooManyReadsError) Error() string {
	return fmt.Sprintf("unknown key, and the limit of reads does not permit reading the secrets for another %v", e.RetryAfter.Round(time.Millisecond))
}

// Options of a [Reader].
type Options struct {
	Secrets    Secrets // required
	DefaultKey string  // id or ARN of the secret with the deployment key; empty means that there is none
	IssuedKeys string  // id or ARN of the secret with the issued keys; required

	// Reads and ReadInterval limit the reads of the secrets, so that a flood of wrong
	// keys costs little: a token bucket of that size, which gains a token in each
	// interval. Zero means [DefaultReads] and [DefaultReadInterval].
	Reads        int
	ReadInterval time.Duration

	Log *slog.Logger // logs each key that a stale keyring allows, and keys in both secrets; nil means no log

	Now func() time.Time // nil means time.Now
}

// Reader looks keys up in both secrets. It is safe for concurrent use.
type Reader struct {
	o      Options
	flight singleflight.Group

	mu sync.Mutex
	state
}

// NewReader returns a reader, without reading anything: see [Reader.Warm].
func NewReader(o Options) *Reader {
	if o.Reads == 0 {
		o.Reads = DefaultReads
	}
	if o.ReadInterval == 0 {
		o.ReadInterval = DefaultReadInterval
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	r := &Reader{o: o}
	r.reads.tokens = o.Reads
	return r
}

// Warm reads the secrets before the first request. The read does not count
// against the limit. After an error the reader can be used as before.
func (r *Reader) Warm(ctx context.Context) error {
	return r.refresh(ctx, unlimited)
}

// Lookup returns the principal of the key, which may have expired: see
// [apikey.Principal.Expired]. For an unknown key it returns false, with the principal
// that the key had before it was revoked, if this reader saw it then.
//
// An error means that it is unknown whether the key is valid. The error is a
// [TooManyReadsError] if the limit of reads is the cause.
func (r *Reader) Lookup(ctx context.Context, plain string) (apikey.Principal, bool, error) {
	begun := r.snapshot().begun
	ring, outage, err := r.ringToAllow(ctx)
	if err != nil {
		return apikey.Principal{}, false, err
	}
	if p, found := ring.Lookup(plain); found && !p.Expired(r.now()) {
		if outage != nil {
			r.o.Log.WarnContext(ctx, "cannot read the secrets, using the last keyring", "age", r.Age().Round(time.Second).String(), "error", outage)
		}
		return p, true, nil
	}
	if ring, err = r.refreshedSince(ctx, begun); err != nil {
		return apikey.Principal{}, false, err
	}
	if p, found := ring.Lookup(plain); found {
		return p, true, nil
	}
	revoked, _ := ring.Revoked(plain)
	return revoked, false, nil
}

// ringToAllow returns a keyring fresh enough to allow a key, or, while Secrets Manager is
// unavailable, the stale one and in outage the error of the last read.
func (r *Reader) ringToAllow(ctx context.Context) (ring *apikey.Keyring, outage, err error) {
	s := r.snapshot()
	if s.ring == nil {
		ring, err = r.refreshedSince(ctx, 0)
		return ring, nil, err
	}
	if s.isFresh(r.now(), TTL) {
		return s.ring, nil, nil
	}
	err = r.refresh(ctx, limited)
	s = r.snapshot()
	switch {
	case ctx.Err() != nil:
		return nil, nil, ctx.Err()
	case s.ring != nil && s.isFresh(r.now(), TTL):
		return s.ring, nil, nil
	case s.ring != nil && s.err != nil:
		return s.ring, s.err, nil
	case err != nil && !isTooManyReads(err):
		return nil, nil, err
	}
	ring, err = r.refreshedSince(ctx, s.number)
	return ring, nil, err
}

// refreshedSince returns a keyring whose read began after read n; only such a
// keyring may be used to deny. It waits up to maxWait until another read is
// allowed.
func (r *Reader) refreshedSince(ctx context.Context, n int) (*apikey.Keyring, error) {
	begun := r.now()
	for {
		if s := r.snapshot(); s.ring != nil && s.number > n {
			return s.ring, nil
		}
		err := r.refresh(ctx, limited)
		if err == nil {
			continue // refresh may have joined a read that began earlier
		}
		var limit *TooManyReadsError
		if !errors.As(err, &limit) || r.now().Add(limit.RetryAfter).Sub(begun) > maxWait {
			return nil, err
		}
		select {
		case <-time.After(limit.RetryAfter):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Age returns the age of the keyring, -1 if there is none.
func (r *Reader) Age() time.Duration {
	s := r.snapshot()
	if s.ring == nil {
		return -1
	}
	return max(0, r.now().Sub(s.readAt))
}

func isTooManyReads(err error) bool {
	var limit *TooManyReadsError
	return errors.As(err, &limit)
}

// now returns the wall clock. A frozen Lambda instance may resume with a monotonic
// clock that stood still, which would prolong the life of a revoked key.
func (r *Reader) now() time.Time {
	return r.o.Now().Round(0)
}
