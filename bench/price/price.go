// Package price converts milliseconds to USD. It covers the charges for a call that differ
// between the peers, with their sources.
package price

import (
	"math"
	"time"
)

// Prices that AWS published for us-east-1 on 2026-11-21:
// https://aws.amazon.com/lambda/pricing/
const (
	PerRequest         = 0.20 / 1e6   // USD
	PerGBSecondArm     = 0.0000133334 // USD, on arm64, which the project deploys to
	PerGBSecondX86     = 0.0000166667 // USD, on x86_64
	billedMilliseconds = 1            // durations are rounded up to this
)

// Formula describes what [Million] calculates.
const Formula = "1,000,000 × (0.20 $ ÷ 1,000,000 + memory in GB × billed seconds × 0.0000133334 $)"

// Billed returns the billed milliseconds of a call.
func Billed(took time.Duration) float64 {
	return math.Ceil(float64(took)/float64(time.Millisecond)/billedMilliseconds) * billedMilliseconds
}

// MeanBilled returns the mean of the billed milliseconds.
func MeanBilled(took []time.Duration) float64 {
	if len(took) == 0 {
		return 0
	}
	total := 0.0
	for _, t := range took {
		total += Billed(t)
	}
	return total / float64(len(took))
}

// Million returns the price of a million calls at a memory size, in USD. API
// Gateway's 1 USD and the logs are additional, and the same for every peer.
func Million(memoryMB int, billedMS float64) float64 {
	return 1e6 * (PerRequest + float64(memoryMB)/1024*billedMS/1000*PerGBSecondArm)
}
