package keys

import (
	"testing"
	"time"
)

func TestOpenUntil(t *testing.T) {
	written := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	now := written.Add(41 * time.Second)
	for apiID, want := range map[string]time.Duration{"": 50 * time.Second, "api": 70 * time.Second} {
		target := &keyTarget{apiID: apiID}
		if got := target.openUntil(now, written).Sub(written); got != want {
			t.Errorf("with the API %q: open until %v after the removal, want %v", apiID, got, want)
		}
	}
}
