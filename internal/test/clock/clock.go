// Package clock has clocks that tests advance, and times that the standard library
// cannot produce.
package clock

import (
	"testing"
	"time"
	"unsafe"
)

// Frozen returns the time that a Lambda instance reads when it was frozen at start and
// resumes d later: the wall clock has advanced, but not the monotonic clock. start must
// have a monotonic reading, as from [time.Now].
func Frozen(t testing.TB, start time.Time, d time.Duration) time.Time {
	t.Helper()
	// The first word of a Time with a monotonic reading has the wall seconds in its
	// bits 30 to 62, see time.go in the standard library.
	later := start
	*(*uint64)(unsafe.Pointer(&later)) += uint64(d/time.Second) << 30
	if later.Sub(start) != 0 || later.Round(0).Sub(start.Round(0)) != d {
		t.Fatalf("%v and %v do not differ by %v in the wall clock alone", start, later, d)
	}
	return later
}
