package keystore

import (
	"testing"
	"time"
)

func TestBucket(t *testing.T) {
	const size, every = 3, 5 * time.Second
	noon := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name   string
		bucket bucket
		after  time.Duration // since noon
		tokens int
		wait   time.Duration
	}{
		{"untouched for long", bucket{}, 0, 3, 0},
		{"full", bucket{3, noon}, time.Minute, 3, 0},
		{"just emptied", bucket{0, noon}, 0, 0, 5 * time.Second},
		{"before a token", bucket{0, noon}, 5*time.Second - 1, 0, 1},
		{"one token", bucket{0, noon}, 5 * time.Second, 1, 0},
		{"two tokens", bucket{0, noon}, 12 * time.Second, 2, 0},
		{"never more than the size", bucket{2, noon}, time.Hour, 3, 0},
		{"clock set back", bucket{0, noon}, -time.Hour, 1, 0},
	} {
		now := noon.Add(tc.after)
		b := tc.bucket
		b.refill(now, size, every)
		if wait := b.wait(now, every); b.tokens != tc.tokens || wait != tc.wait {
			t.Errorf("%s: %d tokens, wait %v; want %d, %v", tc.name, b.tokens, wait, tc.tokens, tc.wait)
		}
	}
	// The rest of an interval is not lost, and a full bucket does not save it.
	b := bucket{0, noon}
	b.refill(noon.Add(8*time.Second), size, every)
	b.tokens--
	if wait := b.wait(noon.Add(8*time.Second), every); wait != 2*time.Second {
		t.Errorf("8 seconds after the bucket was empty: wait %v, want 2s", wait)
	}
	b = bucket{3, noon}
	b.refill(noon.Add(4*time.Second), size, every)
	b.tokens = 0
	if wait := b.wait(noon.Add(4*time.Second), every); wait != every {
		t.Errorf("after a full bucket: wait %v, want %v", wait, every)
	}
	b = bucket{0, noon}
	b.refill(noon.Add(-time.Hour), size, every)
	b.tokens--
	if wait := b.wait(noon.Add(-time.Hour), every); wait != every {
		t.Errorf("after the clock was set back: wait %v, want %v", wait, every)
	}
}
