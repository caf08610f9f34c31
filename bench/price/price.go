// Package price turns milliseconds into dollars. Everything that AWS charges
// for a call and that differs between the peers is here, with its source.
package price

import (
	"math"
	"time"
)

// What AWS published for us-east-1 on 2026-11-21:
// https://aws.amazon.com/lambda/pricing/
const (
	PerRequest         = 0.20 / 1e6   // dollars
	PerGBSecondArm     = 0.0000133334 // dollars, on arm64, which the project deploys to
	PerGBSecondX86     = 0.0000166667 // dollars, on x86_64
	billedMilliseconds = 1            // durations are rounded up to this
)

// Formula is what [Million] calculates, for people.
const Formula = "1,000,000 × (0.20 $ ÷ 1,000,000 + memory in GB × billed seconds × 0.0000133334 $)"

// Billed is what is charged of a call that took so long, in milliseconds.
func Billed(took time.Duration) float64 {
	return math.Ceil(float64(took)/float64(time.Millisecond)/billedMilliseconds) * billedMilliseconds
}

// MeanBilled is what is charged of a call on the average.
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

// Million is the price of a million calls at a memory size, in dollars. API
// Gateway's 1 $ and the log's share come on top, for every peer alike.
func Million(memoryMB int, billedMS float64) float64 {
	return 1e6 * (PerRequest + float64(memoryMB)/1024*billedMS/1000*PerGBSecondArm)
}
