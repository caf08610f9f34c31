// Package measure takes the measurements of the benchmark. Peers are measured in
// turn, in many short rounds, so that other load on the machine affects all of
// them alike and the ratios are valid on a busy machine too.
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

// Bench measures a set of peers.
type Bench struct {
	Set      peer.Set
	Groups   *quota.Groups                    // nil if CPU shares are unavailable
	Progress func(format string, args ...any) // called before each measurement
}

// running is a probe with its CPU share.
type running struct {
	*probe.Probe
	share *quota.Share // nil means the whole machine
}

// start prepares a peer with the CPU share of a memory size; zero means the whole
// machine. Its process starts with the first call.
func (b Bench) start(p peer.Peer, memoryMB, instances int) (running, error) {
	o := probe.Options{Launcher: b.Set.Launcher, Command: p.Command, Env: p.Env, MemoryMB: memoryMB, Instances: instances}
	var share *quota.Share
	if memoryMB > 0 {
		if b.Groups == nil {
			return running{}, errors.New("CPU shares are unavailable on this machine")
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

// stop stops the peer. An error while removing its CPU share is ignored: the
// share is empty and limits nothing.
func (r running) stop() {
	r.Close()
	if r.share != nil {
		_ = r.share.Close()
	}
}

// call sends an event, checks the response, and returns the duration.
func (r running) call(ctx context.Context, request event.Request) (time.Duration, error) {
	response, took, err := r.Call(ctx, request.Payload)
	if err != nil {
		return 0, err
	}
	return took, request.Check(response)
}

// repeat makes n calls and returns their durations.
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

// wrap adds the peer's name to an error.
func wrap(p peer.Peer, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("measure %s: %w", p.ID, err)
}
