package measure

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Times are measured durations.
type Times []time.Duration

// Percentile returns the duration that p percent of the times do not exceed; zero if there
// are no times.
func (t Times) Percentile(p float64) time.Duration {
	if len(t) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(t))
	rank := int(math.Ceil(p/100*float64(len(sorted)))) - 1
	return sorted[max(0, rank)]
}

// Median returns the 50th percentile.
func (t Times) Median() time.Duration { return t.Percentile(50) }

// size describes a CPU share.
func size(memoryMB int) string {
	if memoryMB == 0 {
		return "all of this machine"
	}
	return fmt.Sprintf("CPU share of %d MB", memoryMB)
}
