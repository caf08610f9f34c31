package poll

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

type recorder struct{ failure string }

func (r *recorder) Fatalf(format string, args ...any) { r.failure = fmt.Sprintf(format, args...) }

func TestUntil(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		Until(t, "a second to pass", func() bool { return time.Since(start) >= time.Second })
		if waited := time.Since(start); waited > 2*time.Second {
			t.Errorf("waited %v for something that took a second", waited)
		}
		var r recorder
		Until(&r, "godot", func() bool { return false })
		if r.failure != "timeout waiting for godot" {
			t.Errorf("failure %q, want a timeout", r.failure)
		}
	})
}
