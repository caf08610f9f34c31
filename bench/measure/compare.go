package measure

import (
	"context"
	"math"
	"slices"
	"time"

	"serverless-mcp/bench/event"
	"serverless-mcp/bench/peer"
)

// Comparison is the CPU time of the same calls on two servers.
type Comparison struct {
	CPU, Base Times     // per call of the server and of the base, one value a round
	Ratios    []float64 // CPU/Base of each round
}

// Ratio returns the median of the rounds' ratios, and a 95 % confidence interval of the
// median, which does not depend on the ratios' distribution.
// https://online.stat.psu.edu/stat415/lesson/19/19.1
func (c Comparison) Ratio() (median, low, high float64) {
	ratios := slices.Sorted(slices.Values(c.Ratios))
	n := len(ratios)
	reach := int(math.Ceil(0.98 * math.Sqrt(float64(n))))
	return ratios[n/2], ratios[max(0, n/2-reach)], ratios[min(n-1, n/2+reach)]
}

// exact reports whether the confidence interval of the ratio is at most 0.02 wide.
func (c Comparison) exact() bool {
	_, low, high := c.Ratio()
	return high-low <= 0.02
}

// Compare measures the CPU time of the same call on a base and on other servers. Each
// server has several processes, because two processes of one program differ by a few
// percent. In a round, a process of the base and one of another server are called in turn,
// in alternating order, so that other load on the machine and the contents of the
// processor's caches affect both alike. Compare ends after plan.Rounds, or earlier once
// every ratio is exact to a percent.
func (b Bench) Compare(ctx context.Context, base peer.Peer, others []peer.Peer, request event.Request, processes int, plan Plan) (map[string]Comparison, error) {
	b.Progress("comparison, at most %d rounds of %d calls on %d processes", plan.Rounds, plan.Calls, processes)
	started := map[string][]running{}
	defer func() {
		for _, list := range started {
			for _, r := range list {
				r.stop()
			}
		}
	}()
	for _, p := range append(slices.Clone(others), base) {
		for range processes {
			r, err := b.start(p, plan.MemoryMB, 1)
			if err != nil {
				return nil, wrap(p, err)
			}
			started[p.ID] = append(started[p.ID], r)
			if _, err := r.repeat(ctx, request, plan.WarmUp); err != nil {
				return nil, wrap(p, err)
			}
		}
	}
	results := map[string]Comparison{}
	for round := range plan.Rounds {
		inexact := func(p peer.Peer) bool { return !results[p.ID].exact() }
		if round >= 10*processes && round%processes == 0 && !slices.ContainsFunc(others, inexact) {
			break
		}
		for i, p := range others {
			c := results[p.ID]
			at := (round + i) % processes
			if err := c.round(ctx, started[base.ID][at], started[p.ID][at], request, plan.Calls); err != nil {
				return nil, wrap(p, err)
			}
			results[p.ID] = c
		}
	}
	return results, nil
}

// round adds one round.
func (c *Comparison) round(ctx context.Context, base, other running, request event.Request, calls int) error {
	pair := [2]running{base, other}
	var spent [2]time.Duration
	read := func(sign time.Duration) error {
		for i, r := range pair {
			now, err := r.CPU()
			if err != nil {
				return err
			}
			spent[i] += sign * now
		}
		return nil
	}
	if err := read(-1); err != nil {
		return err
	}
	for i := range calls {
		for _, r := range []running{pair[i%2], pair[1-i%2]} {
			if _, err := r.call(ctx, request); err != nil {
				return err
			}
		}
	}
	if err := read(1); err != nil {
		return err
	}
	c.Base, c.CPU = append(c.Base, spent[0]/time.Duration(calls)), append(c.CPU, spent[1]/time.Duration(calls))
	c.Ratios = append(c.Ratios, float64(spent[1])/float64(spent[0]))
	return nil
}
