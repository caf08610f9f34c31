// Package measure takes the numbers of the benchmark. Peers are measured turn
// and turn about, in many short rounds, so that what else the machine does
// hits all of them alike: the ratios hold on a noisy machine, too.
package measure

import (
	"context"
	"errors"
	"fmt"
	"time"

	"serverless-mcp/bench/event"
	"serverless-mcp/bench/peer"
	"serverless-mcp/bench/probe"
	"serverless-mcp/bench/quota"
)

// Bench measures what was built.
type Bench struct {
	Set      peer.Set
	Groups   *quota.Groups                    // nil where CPU shares cannot be had
	Progress func(format string, args ...any) // told what is being done
}

// running is a probe with its CPU share.
type running struct {
	*probe.Probe
	share *quota.Share // nil means all of this machine
}

// start prepares a peer with the CPU share of a memory size; zero means all of
// this machine. Its process starts with the first call.
func (b Bench) start(p peer.Peer, memoryMB, instances int) (running, error) {
	o := probe.Options{Launcher: b.Set.Launcher, Command: p.Command, Env: p.Env, MemoryMB: memoryMB, Instances: instances}
	var share *quota.Share
	if memoryMB > 0 {
		if b.Groups == nil {
			return running{}, errors.New("CPU shares cannot be had on this machine")
		}
		var err error
		if share, err = b.Groups.New(memoryMB); err != nil {
			return running{}, err
		}
		o.Cgroup = share.Procs()
	}
	started, err := probe.Start(o)
	if err != nil {
		return running{}, err
	}
	return running{started, share}, nil
}

// stop ends the peer. A CPU share that cannot be removed is nothing to give
// up for: it is empty, and limits nobody.
func (r running) stop() {
	r.Close()
	if r.share != nil {
		_ = r.share.Close()
	}
}

// call sends an event, checks the answer, and returns how long it took.
func (r running) call(ctx context.Context, request event.Request) (time.Duration, error) {
	answer, took, err := r.Call(ctx, request.Payload)
	if err != nil {
		return 0, err
	}
	return took, request.Check(answer)
}

// repeat calls n times and returns what each took.
func (r running) repeat(ctx context.Context, request event.Request, n int) ([]time.Duration, error) {
	times := make([]time.Duration, 0, n)
	for range n {
		took, err := r.call(ctx, request)
		if err != nil {
			return nil, err
		}
		times = append(times, took)
	}
	return times, nil
}

// of adds the peer's name to an error.
func of(p peer.Peer, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("measure %s: %w", p.ID, err)
}
