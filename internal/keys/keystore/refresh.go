package keystore

import (
	"context"
	"slices"
	"time"

	"serverless-mcp/internal/keys/apikey"
)

// state is what the reader's mutex guards. Reads are numbered in the order in
// which they begin: unlike a clock, the number shows for certain whether a read
// began after a request arrived.
type state struct {
	ring   *apikey.Keyring // nil means that no key can be checked
	number int             // number of the read that returned ring
	readAt time.Time       // when that read began

	begun int    // number of the latest read
	reads bucket // of reads that are still allowed
	err   error  // result of the latest read

	last *apikey.Keyring // the latest keyring that was read, for the names of revoked keys
}

// isFresh reports whether the read of the keyring began less than ttl ago. It returns
// false if the clock was set back to before the read.
func (s state) isFresh(now time.Time, ttl time.Duration) bool {
	age := now.Sub(s.readAt)
	return age >= 0 && age < ttl
}

// snapshot returns the current state. It drops a keyring older than maxStale.
func (r *Reader) snapshot() state {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.isFresh(r.now(), maxStale) {
		r.ring = nil
	}
	return r.state
}

// limit says whether a read counts against the limit of reads.
type limit bool

const (
	limited   limit = true
	unlimited limit = false
)

// refresh reads the secrets, or joins a read that is under way. It returns a
// [TooManyReadsError] if the limit does not allow another read. The read continues
// when a caller's context ends.
func (r *Reader) refresh(ctx context.Context, l limit) error {
	done := r.flight.DoChan("", func() (any, error) {
		return nil, r.read(context.WithoutCancel(ctx), l)
	})
	select {
	case result := <-done:
		return result.Err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *Reader) read(ctx context.Context, l limit) error {
	number, at, err := r.begin(l)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	ring, outage, err := r.fetch(ctx)

	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
	switch {
	case err == nil:
		r.warnAboutShared(ctx, ring)
		if r.last != nil {
			ring.RememberRevoked(r.last)
		}
		r.ring, r.last, r.number, r.readAt = ring, ring, number, at
	case !outage:
		r.ring = nil
	}
	return err
}

// begin returns the number of a new read, if the limit allows another read.
func (r *Reader) begin(l limit) (number int, at time.Time, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	if l == limited {
		every := r.o.ReadInterval
		if r.ring == nil {
			every = min(every, retryInterval)
		}
		r.reads.refill(now, r.o.Reads, every)
		if wait := r.reads.wait(now, every); wait > 0 {
			return 0, time.Time{}, &TooManyReadsError{RetryAfter: wait}
		}
		r.reads.tokens--
	}
	r.begun++
	return r.begun, now, nil
}

// warnAboutShared logs the names of issued keys that are also the deployment key,
// once for each list of them: two people may manage that key without knowing it.
func (r *Reader) warnAboutShared(ctx context.Context, ring *apikey.Keyring) {
	shared := ring.Shared()
	if len(shared) == 0 || r.last != nil && slices.Equal(shared, r.last.Shared()) {
		return
	}
	r.o.Log.WarnContext(ctx, "an issued key is also the deployment key; its issued entry takes precedence", "keyIds", shared)
}
