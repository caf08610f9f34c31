package price

import (
	"math"
	"testing"
	"time"
)

func TestBilled(t *testing.T) {
	for took, want := range map[time.Duration]float64{
		0: 0, time.Microsecond: 1, time.Millisecond: 1, time.Millisecond + 1: 2, 2500 * time.Microsecond: 3,
	} {
		if got := Billed(took); got != want {
			t.Errorf("Billed(%v) = %g, want %g", took, got, want)
		}
	}
	if got := MeanBilled([]time.Duration{time.Microsecond, 1500 * time.Microsecond}); got != 1.5 {
		t.Errorf("MeanBilled = %g, want 1.5", got)
	}
	if got := MeanBilled(nil); got != 0 {
		t.Errorf("MeanBilled of no calls = %g", got)
	}
}

// TestMillion calculates as AWS does: a million calls of 1 s at 1 GB are a million GB-seconds.
func TestMillion(t *testing.T) {
	if got, want := Million(1024, 1000), 0.20+13.3334; math.Abs(got-want) > 1e-9 {
		t.Errorf("a million calls of 1 s at 1 GB cost %g $, want %g $", got, want)
	}
}
