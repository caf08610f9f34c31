package measure

import (
	"context"
	"fmt"

	"serverless-mcp/bench/event"
	"serverless-mcp/bench/peer"
	"serverless-mcp/bench/probe"
	"time"
)

// Hostile is the cost of a large call, for our function and for the bare function.
type Hostile struct {
	Shape       string // one of event.Shapes
	Bytes       int    // of the arguments
	Ours, Floor Cost
}

// Cost is the cost of a call.
type Cost struct {
	CPU    time.Duration // median per call
	Memory int64         // peak during the calls, above the size at rest, in bytes
}

// Hostile measures calls with arguments of each shape and size, each in a new process.
func (b Bench) Hostile(ctx context.Context, sizes []int, rounds, calls int) ([]Hostile, error) {
	echo, err := b.Set.Find(peer.Echo)
	if err != nil {
		return nil, err
	}
	ours := peer.Peer{ID: peer.Ours, Command: []string{b.Set.Scaled}, Env: peer.OursEnv()}
	var list []Hostile
	for _, shape := range event.Shapes() {
		b.Progress("calls with %s", shape)
		for _, bytes := range sizes {
			h := Hostile{Shape: shape, Bytes: bytes}
			request := event.Shaped(shape, bytes)
			if h.Floor, err = b.cost(ctx, echo, request, rounds, calls); err != nil {
				return nil, wrap(echo, err)
			}
			if h.Ours, err = b.cost(ctx, ours, request, rounds, calls); err != nil {
				return nil, wrap(ours, err)
			}
			list = append(list, h)
		}
	}
	return list, nil
}

// cost repeats one request, rounds times calls, in a new process.
func (b Bench) cost(ctx context.Context, p peer.Peer, request event.Request, rounds, calls int) (Cost, error) {
	r, err := b.start(p, 0, 1)
	if err != nil {
		return Cost{}, err
	}
	defer r.stop()
	if _, err := r.repeat(ctx, event.Call(event.Older), 20); err != nil {
		return Cost{}, err
	}
	processes := r.Processes()
	if len(processes) != 1 {
		return Cost{}, fmt.Errorf("%d processes were used, want 1", len(processes))
	}
	rest, _, err := probe.Memory(processes[0].PID)
	if err != nil {
		return Cost{}, err
	}
	var w Warm
	for range rounds {
		if err := w.round(ctx, r, request, calls); err != nil {
			return Cost{}, err
		}
	}
	_, peak, err := probe.Memory(processes[0].PID)
	return Cost{CPU: w.CPU.Median(), Memory: peak - rest}, err
}
