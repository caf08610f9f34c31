package measure

import (
	"context"
	"time"

	"serverless-mcp/bench/event"
	"serverless-mcp/bench/peer"
)

// Warm is how one peer answers once it runs.
type Warm struct {
	Latency Times // of each call, by the clock of the caller
	CPU     Times // per call, one value a round
}

// Warm has one instance of each peer answer the same call over and over, one
// call at a time: rounds of some calls for each peer in turn.
func (b Bench) Warm(ctx context.Context, peers []peer.Peer, request event.Request, plan Plan) (map[string]Warm, error) {
	b.Progress("warm calls, %s, %d rounds of %d calls", size(plan.MemoryMB), plan.Rounds, plan.Calls)
	started := map[string]running{}
	defer func() {
		for _, r := range started {
			r.stop()
		}
	}()
	for _, p := range peers {
		r, err := b.start(p, plan.MemoryMB, 1)
		if err != nil {
			return nil, of(p, err)
		}
		started[p.ID] = r
		if _, err := r.repeat(ctx, request, plan.WarmUp); err != nil {
			return nil, of(p, err)
		}
	}
	results := map[string]Warm{}
	for range plan.Rounds {
		for _, p := range peers {
			w := results[p.ID]
			if err := w.round(ctx, started[p.ID], request, plan.Calls); err != nil {
				return nil, of(p, err)
			}
			results[p.ID] = w
		}
	}
	return results, nil
}

// Plan is how much is measured. All but MemoryMB is required.
type Plan struct {
	MemoryMB int // whose CPU share the peers get; zero means all of this machine
	WarmUp   int // calls before the first round: Node needs a few thousand until its compiler is done
	Rounds   int
	Calls    int // a round
}

func (w *Warm) round(ctx context.Context, r running, request event.Request, calls int) error {
	before, err := r.CPU()
	if err != nil {
		return err
	}
	latency, err := r.repeat(ctx, request, calls)
	if err != nil {
		return err
	}
	after, err := r.CPU()
	if err != nil {
		return err
	}
	w.Latency = append(w.Latency, latency...)
	w.CPU = append(w.CPU, (after-before)/time.Duration(calls))
	return nil
}
