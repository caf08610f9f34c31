package measure

import (
	"context"
	"time"

	"serverless-mcp/bench/event"
	"serverless-mcp/bench/peer"
)

// Warm holds the warm calls of one peer.
type Warm struct {
	Latency Times // of each call, as measured by the caller
	CPU     Times // per call, one value a round
}

// Warm repeats the same call on one instance of each peer, one call at a time, in rounds of
// plan.Calls calls to each peer in turn.
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
			return nil, wrap(p, err)
		}
		started[p.ID] = r
		if _, err := r.repeat(ctx, request, plan.WarmUp); err != nil {
			return nil, wrap(p, err)
		}
	}
	results := map[string]Warm{}
	for range plan.Rounds {
		for _, p := range peers {
			w := results[p.ID]
			if err := w.round(ctx, started[p.ID], request, plan.Calls); err != nil {
				return nil, wrap(p, err)
			}
			results[p.ID] = w
		}
	}
	return results, nil
}

// Plan is the size of a measurement. All fields except MemoryMB are required.
type Plan struct {
	MemoryMB int // memory size whose CPU share the peers get; zero means the whole machine
	WarmUp   int // calls before the first round; Node's compiler needs a few thousand
	Rounds   int
	Calls    int // per round
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
