package measure

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPercentile(t *testing.T) {
	var hundred Times
	for i := 100; i >= 1; i-- {
		hundred = append(hundred, time.Duration(i))
	}
	for p, want := range map[float64]time.Duration{0: 1, 50: 50, 95: 95, 99: 99, 100: 100} {
		if got := hundred.Percentile(p); got != want {
			t.Errorf("Percentile(%g) of 1 to 100 = %d, want %d", p, got, want)
		}
	}
	if got := (Times{}).Median(); got != 0 {
		t.Errorf("median of nothing = %v", got)
	}
	if hundred[0] != 100 {
		t.Error("Percentile sorted its receiver")
	}
}

// TestInits: of the traces of two programs, only the second counts.
func TestInits(t *testing.T) {
	got := inits([]byte(`init runtime @0.05 ms, 0.5 ms clock, 0 bytes, 0 allocs
init example.com/launcher @0.05 ms, 0.5 ms clock, 0 bytes, 0 allocs
{"launchedPID":12,"at":34,"cpu":56}
init runtime @0.05 ms, 0.04 ms clock, 0 bytes, 0 allocs
{"message":"init of mine"}
init example.com/slow @2.1 ms, 3.5 ms clock, 1701416 bytes, 9 allocs
`))
	want := []Init{
		{"example.com/slow", 3500 * time.Microsecond, 1701416},
		{"runtime", 40 * time.Microsecond, 0},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("inits (-want +got):\n%s", diff)
	}
}

func TestShares(t *testing.T) {
	got := shares([]byte(`File: ours
Showing nodes accounting for 6560ms, 100% of 6560ms total
      flat  flat%   sum%        cum   cum%
         0     0%     0%      1.65s 25.15%  main.main
    0.02s  0.3%  0.30%      1.20s 18.29%  example.com/a.(*T).Do (inline)
`))
	want := []Share{{"main.main", "25.15%", "1.65s"}, {"example.com/a.(*T).Do (inline)", "18.29%", "1.20s"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("shares (-want +got):\n%s", diff)
	}
}
