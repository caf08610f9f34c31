package measure

import (
	"context"
	"time"

	"serverless-mcp/bench/event"
	"serverless-mcp/bench/peer"
)

// Cold holds the cold starts of one peer.
type Cold struct {
	First Times // from the start of the program to the first response
	CPU   Times // CPU time until the first response
}

// Cold starts the peers in turn, with one call per start, and measures runs starts of each.
func (b Bench) Cold(ctx context.Context, peers []peer.Peer, memoryMB, runs int) (map[string]Cold, error) {
	b.Progress("cold start, %s, %d runs", size(memoryMB), runs)
	results := map[string]Cold{}
	for run := range runs + 1 {
		for _, p := range peers {
			first, cpu, err := b.coldOnce(ctx, p, memoryMB)
			if err != nil {
				return nil, wrap(p, err)
			}
			if run == 0 {
				continue // the first start reads the program from disk
			}
			c := results[p.ID]
			c.First, c.CPU = append(c.First, first), append(c.CPU, cpu)
			results[p.ID] = c
		}
	}
	return results, nil
}

func (b Bench) coldOnce(ctx context.Context, p peer.Peer, memoryMB int) (first, cpu time.Duration, err error) {
	r, err := b.start(p, memoryMB, 1)
	if err != nil {
		return 0, 0, err
	}
	defer r.stop()
	if _, err := r.call(ctx, event.Call(event.Older)); err != nil {
		return 0, 0, err
	}
	ended := time.Now()
	if cpu, err = r.CPU(); err != nil {
		return 0, 0, err
	}
	return ended.Sub(time.Unix(0, r.Processes()[0].At)), cpu, nil
}
