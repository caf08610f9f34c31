// Package poll lets tests wait for a condition that becomes true without a signal, in another
// process or goroutine.
package poll

import (
	"time"
)

// Timeout is how long [Until] waits. It is generous, because a test may wait for a program
// that is compiled first, on a machine that is busy with other tests.
const Timeout = 5 * time.Minute

// TB is the part of [testing.TB] that [Until] needs. A testscript.TestScript implements it
// too.
type TB interface {
	Fatalf(format string, args ...any)
}

// Until calls done every 100 ms, which is slow enough for the throttle of a deployment, and
// returns once done returns true. After [Timeout] it fails the test; what completes "timeout
// waiting for …".
func Until(t TB, what string, done func() bool) {
	if h, ok := t.(interface{ Helper() }); ok {
		h.Helper()
	}
	tick, end := time.NewTicker(100*time.Millisecond), time.NewTimer(Timeout)
	defer tick.Stop()
	defer end.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-end.C:
			t.Fatalf("timeout waiting for %s", what)
			return
		}
	}
}
