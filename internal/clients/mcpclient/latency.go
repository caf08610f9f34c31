package mcpclient

import (
	"fmt"
	"slices"
	"time"
)

// Latency summarizes the durations of a series of requests.
type Latency struct {
	Count            int
	Min, Median, P95 time.Duration
	// Cold is the estimated number of cold starts. A client cannot observe them,
	// but only they take several times as long as the other requests.
	Cold int
}

// A request counts as a cold start if it took more than coldFactor times the median, and
// more than coldExtra longer than the median. On a fast connection the factor alone is not
// enough.
const (
	coldFactor = 3
	coldExtra  = 100 * time.Millisecond
)

// NewLatency summarizes times, which must not be empty.
func NewLatency(times []time.Duration) Latency {
	sorted := slices.Sorted(slices.Values(times))
	s := Latency{Count: len(sorted), Min: sorted[0], Median: percentile(sorted, 50), P95: percentile(sorted, 95)}
	for _, t := range sorted {
		if t > coldFactor*s.Median && t > s.Median+coldExtra {
			s.Cold++
		}
	}
	return s
}

// percentile returns the nearest-rank percentile, which is one of the times.
func percentile(sorted []time.Duration, percent int) time.Duration {
	rank := (percent*len(sorted) + 99) / 100
	return sorted[max(rank, 1)-1]
}

// String returns the summary as one line for a terminal.
func (s Latency) String() string {
	noun := "requests"
	if s.Count == 1 {
		noun = "request"
	}
	return fmt.Sprintf("%d %s: min %s, median %s, p95 %s; probably cold starts: %d (%.0f %%)",
		s.Count, noun, ms(s.Min), ms(s.Median), ms(s.P95), s.Cold, 100*float64(s.Cold)/float64(s.Count))
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }
