package keystore

import (
	"context"
	"slices"
	"time"

	"serverless-mcp/internal/keys/apikey"
)

// state is what the reader knows, guarded by its mutex. Reads are numbered as
// they begin: unlike a clock, the number tells for certain whether a read began
// after a question came.
type state struct {
	ring   *apikey.Keyring // nil means that there is nothing to decide with
	number int             // of the read that ring comes from
	readAt time.Time       // when that read began

	begun  int       // number of the latest read
	lastAt time.Time // when the latest read began that counts against the limit
	err    error     // what the latest read ended with

	last *apikey.Keyring // the latest that was read, for the names of revoked keys
}

// isYoung reports whether the keyring was read less than ttl ago. A clock that
// was set back makes it old.
func (s state) isYoung(now time.Time, ttl time.Duration) bool {
	age := now.Sub(s.readAt)
	return age >= 0 && age < ttl
}

// untilAllowed is how long it takes until the secrets may be read again.
func (s state) untilAllowed(now time.Time) time.Duration {
	every := refreshEvery
	if s.ring == nil {
		every = retryEvery
	}
	since := now.Sub(s.lastAt)
	if since < 0 { // the clock was set back
		return 0
	}
	return max(0, every-since)
}

// snapshot is the state now. A keyring that is too old for anything is dropped.
func (r *Reader) snapshot() state {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.isYoung(r.now(), serveStale) {
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

// refresh reads the secrets, or joins those who wait for them already. It is
// [ErrCannotDecide] if it is too early for another read. The read goes on when
// one of those who wait gives up.
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
	number, at, ok := r.begin(l)
	if !ok {
		return ErrCannotDecide
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	ring, outage, err := r.fetch(ctx)

	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
	switch {
	case err == nil:
		r.warnOfShared(ctx, ring)
		if r.last != nil {
			ring.RememberRevoked(r.last)
		}
		r.ring, r.last, r.number, r.readAt = ring, ring, number, at
	case !outage:
		r.ring = nil
	}
	return err
}

// begin takes the next number, if another read is allowed.
func (r *Reader) begin(l limit) (number int, at time.Time, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	if l == limited {
		if r.untilAllowed(now) > 0 {
			return 0, time.Time{}, false
		}
		r.lastAt = now
	}
	r.begun++
	return r.begun, now, true
}

// warnOfShared tells of issued keys that are the deployment's key too, once for
// each list of them: two people look after that key, and may not know it.
func (r *Reader) warnOfShared(ctx context.Context, ring *apikey.Keyring) {
	shared := ring.Shared()
	if len(shared) == 0 || r.last != nil && slices.Equal(shared, r.last.Shared()) {
		return
	}
	r.o.Log.WarnContext(ctx, "an issued key is the deployment's key too, the issued entry counts", "keys", shared)
}
