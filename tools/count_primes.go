package tools

import (
	"context"
	"math"

	"serverless-mcp/internal/tool"
)

type primesInput struct {
	Below int64 `json:"below" min:"10" max:"20000000000" doc:"upper bound; a billion takes seconds to a minute" example:"1000000000"`
}

type primes struct {
	Count   int64   `json:"count" doc:"number of primes below the bound"`
	Largest int64   `json:"largest" doc:"largest of them"`
	Seconds float64 `json:"seconds" doc:"how long the count took"`
}

// countPrimes is a job: a tool that may run for 15 minutes. It is pure, so it is
// idempotent, and an interrupted count starts again.
func countPrimes(cfg Config) tool.Tool {
	return tool.NewJob(tool.Info{
		Name:        "count_primes",
		Title:       "Count primes",
		Description: "Counts the prime numbers below a bound and returns the largest. It may take minutes.",
		ReadOnly:    true,
		Idempotent:  true,
	}, func(ctx context.Context, in primesInput) (primes, error) {
		started := cfg.Now()
		result, err := sieve(ctx, in.Below)
		result.Seconds = float64(cfg.Now().Sub(started).Milliseconds()) / 1000
		return result, err
	})
}

// segment is how many numbers are sieved at once. They fit into a processor's cache.
const segment = 1 << 20

// sieve counts with the sieve of Eratosthenes, one segment after the other.
func sieve(ctx context.Context, below int64) (result primes, err error) {
	job := tool.JobFrom(ctx)
	small := primesUpTo(int64(math.Sqrt(float64(below))) + 1)
	composite := make([]bool, segment)
	for low := int64(0); low < below; low += segment {
		if err := ctx.Err(); err != nil {
			return primes{}, err // cancelled, or out of time
		}
		job.Progress(float64(low), float64(below), "counting")
		clear(composite)
		for _, p := range small {
			for n := max(p*p, (low+p-1)/p*p); n < low+segment; n += p {
				composite[n-low] = true
			}
		}
		for n := max(low, 2); n < min(low+segment, below); n++ {
			if !composite[n-low] {
				result.Count, result.Largest = result.Count+1, n
			}
		}
	}
	return result, nil
}

// primesUpTo returns the primes up to a small number.
func primesUpTo(last int64) (list []int64) {
	composite := make([]bool, last+1)
	for n := int64(2); n <= last; n++ {
		if composite[n] {
			continue
		}
		list = append(list, n)
		for m := n * n; m <= last; m += n {
			composite[m] = true
		}
	}
	return list
}
