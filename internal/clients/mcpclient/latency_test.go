package mcpclient

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLatency(t *testing.T) {
	for _, c := range []struct {
		ms   []int
		want string
	}{
		{[]int{7}, "1 request: min 7.0 ms, median 7.0 ms, p95 7.0 ms; probably cold starts: 0 (0 %)"},
		{[]int{10, 20}, "2 requests: min 10.0 ms, median 10.0 ms, p95 20.0 ms; probably cold starts: 0 (0 %)"},
		{[]int{900, 30, 31, 32, 33}, "5 requests: min 30.0 ms, median 32.0 ms, p95 900.0 ms; probably cold starts: 1 (20 %)"},
		{[]int{1, 1, 1, 90}, "4 requests: min 1.0 ms, median 1.0 ms, p95 90.0 ms; probably cold starts: 0 (0 %)"},
		{[]int{100, 100, 250}, "3 requests: min 100.0 ms, median 100.0 ms, p95 250.0 ms; probably cold starts: 0 (0 %)"},
		{[]int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}, "20 requests: min 1.0 ms, median 10.0 ms, p95 19.0 ms; probably cold starts: 0 (0 %)"},
	} {
		var times []time.Duration
		for _, n := range c.ms {
			times = append(times, time.Duration(n)*time.Millisecond)
		}
		if d := cmp.Diff(c.want, NewLatency(times).String()); d != "" {
			t.Errorf("%v (-want +got):\n%s", c.ms, d)
		}
	}
}
