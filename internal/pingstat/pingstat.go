// Package pingstat sums up how long requests took.
package pingstat

import (
	"fmt"
	"slices"
	"time"
)

// Stat are the figures of a series of requests.
type Stat struct {
	Count            int
	Min, Median, P95 time.Duration
	// Cold is how many were probably cold starts: a client cannot see them, but
	// only they take several times as long as the others.
	Cold int
}

// A request is taken for a cold start if it took coldFactor times the median
// and coldExtra longer than it: on a fast line the first alone means nothing.
const (
	coldFactor = 3
	coldExtra  = 100 * time.Millisecond
)

// Of sums up; times must not be empty.
func Of(times []time.Duration) Stat {
	sorted := slices.Sorted(slices.Values(times))
	s := Stat{Count: len(sorted), Min: sorted[0], Median: at(sorted, 50), P95: at(sorted, 95)}
	for _, t := range sorted {
		if t > coldFactor*s.Median && t > s.Median+coldExtra {
			s.Cold++
		}
	}
	return s
}

// at is the nearest-rank percentile: a time that was measured.
func at(sorted []time.Duration, percent int) time.Duration {
	rank := (percent*len(sorted) + 99) / 100
	return sorted[max(rank, 1)-1]
}

// String is a line for people.
func (s Stat) String() string {
	noun := "requests"
	if s.Count == 1 {
		noun = "request"
	}
	return fmt.Sprintf("%d %s: min %s, median %s, p95 %s; probably cold starts: %d (%.0f %%)",
		s.Count, noun, ms(s.Min), ms(s.Median), ms(s.P95), s.Cold, 100*float64(s.Cold)/float64(s.Count))
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }
