package keystore

import "time"

// bucket is a token bucket: each read takes a token, and a new one arrives after
// an interval that the caller chooses. The zero bucket is empty.
type bucket struct {
	tokens int
	since  time.Time // when the current interval began
}

// refill adds the tokens that have arrived by now. A clock that was set back
// adds one, since the time until the next is unknown.
func (b *bucket) refill(now time.Time, size int, every time.Duration) {
	passed := now.Sub(b.since)
	if passed < 0 {
		passed = every
		b.since = now.Add(-every)
	}
	arrived := passed / every
	b.since = b.since.Add(arrived * every)
	b.tokens = min(size, b.tokens+int(min(arrived, time.Duration(size))))
	if b.tokens == size {
		b.since = now // an interval begins when the first token is taken
	}
}

// wait returns the time until the next token, zero if there is one. The bucket
// must have been refilled.
func (b bucket) wait(now time.Time, every time.Duration) time.Duration {
	if b.tokens > 0 {
		return 0
	}
	return b.since.Add(every).Sub(now)
}
