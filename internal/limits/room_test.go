package limits

import (
	"fmt"
	"testing"
	"time"
)

// TestRoom: the memory of a process is bounded. Refusals that no longer apply are removed
// first.
func TestRoom(t *testing.T) {
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		over, holding, minutes int // number before
		refused, counted       int // number after
	}{
		"room":              {2, 3, 5, 5, 5},
		"refusals are over": {maxRemembered - 3, 3, 5, 3, 5},
		"refusals hold":     {0, maxRemembered, 5, 0, 5},
		"one is over":       {1, maxRemembered - 1, 0, maxRemembered - 1, 0},
		"minutes":           {2, 3, maxRemembered, 5, 0},
	} {
		c := New(Options{})
		for i := range test.over + test.holding {
			until := now
			if i >= test.over {
				until = now.Add(time.Second)
			}
			c.refused[fmt.Sprint(i)] = refusal{Refusal: Refusal{Until: until}}
		}
		for i := range test.minutes {
			c.minutes[fmt.Sprint(i)] = 1
		}
		c.makeRoom(now)
		if len(c.refused) != test.refused || len(c.minutes) != test.counted {
			t.Errorf("%s: %d refusals and %d minutes are left, want %d and %d", name, len(c.refused), len(c.minutes), test.refused, test.counted)
		}
	}
}
