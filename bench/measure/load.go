package measure

import (
	"context"
	"sync"
	"time"

	"serverless-mcp/bench/event"
	"serverless-mcp/bench/peer"
)

// Load holds the calls of several concurrent callers to one peer. Each caller has its own
// instance, as on Lambda.
type Load struct {
	Callers int
	Calls   int
	Elapsed time.Duration
	Latency Times
	CPU     time.Duration // per call
	Memory  int64         // of all instances afterwards, in bytes
}

// PerSecond returns the throughput.
func (l Load) PerSecond() float64 { return float64(l.Calls) / l.Elapsed.Seconds() }

// Load runs that many callers against each peer for the duration.
func (b Bench) Load(ctx context.Context, peers []peer.Peer, request event.Request, callers int, duration time.Duration) (map[string]Load, error) {
	b.Progress("load, %d callers for %v each", callers, duration)
	results := map[string]Load{}
	for _, p := range peers {
		r, err := b.start(p, 0, callers)
		if err != nil {
			return nil, wrap(p, err)
		}
		l, err := r.load(ctx, request, callers, duration)
		r.stop()
		if err != nil {
			return nil, wrap(p, err)
		}
		results[p.ID] = l
	}
	return results, nil
}

func (r running) load(ctx context.Context, request event.Request, callers int, duration time.Duration) (Load, error) {
	if _, err := r.runCallers(ctx, request, callers, duration/2); err != nil { // starts the instances and warms them up
		return Load{}, err
	}
	before, err := r.CPU()
	if err != nil {
		return Load{}, err
	}
	began := time.Now()
	latency, err := r.runCallers(ctx, request, callers, duration)
	if err != nil {
		return Load{}, err
	}
	l := Load{Callers: callers, Calls: len(latency), Elapsed: time.Since(began), Latency: latency}
	after, err := r.CPU()
	if err != nil {
		return Load{}, err
	}
	l.CPU = (after - before) / time.Duration(len(latency))
	l.Memory, err = r.Memory()
	return l, err
}

// runCallers runs all callers until the duration has passed, but at least one call each.
func (r running) runCallers(ctx context.Context, request event.Request, callers int, duration time.Duration) (all Times, failed error) {
	end := time.Now().Add(duration)
	var mu sync.Mutex
	var wait sync.WaitGroup
	for range callers {
		wait.Go(func() {
			var mine Times
			var err error
			for first := true; err == nil && (first || time.Now().Before(end)); first = false {
				var took time.Duration
				if took, err = r.call(ctx, request); err == nil {
					mine = append(mine, took)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, mine...)
			if failed == nil {
				failed = err
			}
		})
	}
	wait.Wait()
	return all, failed
}
