package measure

import (
	"context"
	"fmt"
	"sync"

	"serverless-mcp/bench/event"
	"serverless-mcp/bench/peer"
	"serverless-mcp/bench/probe"
)

// Memory is the resident size of one instance over time.
type Memory struct {
	Calls []int   // number of calls so far
	Size  []int64 // bytes after that many calls
	Peak  int64   // bytes, the maximum
}

// First returns the size after the first call.
func (m Memory) First() int64 { return m.Size[0] }

// Last returns the size after the last call.
func (m Memory) Last() int64 { return m.Size[len(m.Size)-1] }

// Memory sends that many calls to an instance of each peer. It measures all peers
// concurrently, because memory does not depend on other load.
func (b Bench) Memory(ctx context.Context, peers []peer.Peer, calls int) (map[string]Memory, error) {
	b.Progress("memory over %d calls", calls)
	results := map[string]Memory{}
	var failed error
	var mu sync.Mutex
	var wait sync.WaitGroup
	for _, p := range peers {
		wait.Go(func() {
			m, err := b.memory(ctx, p, calls)
			mu.Lock()
			defer mu.Unlock()
			results[p.ID] = m
			if err != nil {
				failed = wrap(p, err)
			}
		})
	}
	wait.Wait()
	return results, failed
}

// memory measures after the first call and after each fifth of the calls.
func (b Bench) memory(ctx context.Context, p peer.Peer, calls int) (Memory, error) {
	r, err := b.start(p, 0, 1)
	if err != nil {
		return Memory{}, err
	}
	defer r.stop()
	var m Memory
	done := 0
	for i, until := range []int{1, calls / 5, calls * 2 / 5, calls * 3 / 5, calls * 4 / 5, calls} {
		if _, err := r.repeat(ctx, event.Call(event.Older), until-done); err != nil {
			return m, err
		}
		done = until
		processes := r.Processes()
		if len(processes) != 1 {
			return m, fmt.Errorf("%d processes were used, want 1", len(processes))
		}
		now, peak, err := probe.Memory(processes[0].PID)
		if err != nil {
			return m, fmt.Errorf("measurement %d: %w", i, err)
		}
		m.Calls, m.Size, m.Peak = append(m.Calls, done), append(m.Size, now), peak
	}
	return m, nil
}
