package main

import (
	"context"
	"maps"
	"slices"

	"serverless-mcp/bench/event"
	"serverless-mcp/bench/measure"
	"serverless-mcp/bench/peer"
	"serverless-mcp/bench/report"
)

// part is a part of the benchmark that --parts can select.
type part struct {
	name string
	run  func(context.Context, measure.Bench, effort, *report.Results) error
}

// parts returns the parts in the order in which they are measured.
func parts() []part {
	return []part{
		{"cold", cold}, {"warm", warm}, {"load", load16}, {"memory", memory}, {"sizes", sizes}, {"growth", growth}, {"hostile", hostile}, {"profile", profiles},
	}
}

func partNames() []string {
	var names []string
	for _, p := range parts() {
		names = append(names, p.name)
	}
	return names
}

func isPart(name string) bool { return slices.Contains(partNames(), name) }

func cold(ctx context.Context, b measure.Bench, e effort, r *report.Results) (err error) {
	r.Cold[0], err = b.Cold(ctx, b.Set.Peers, 0, e.coldRuns)
	return err
}

func warm(ctx context.Context, b measure.Bench, e effort, r *report.Results) (err error) {
	if r.Warm[0], err = b.Warm(ctx, b.Set.Peers, event.Call(event.Older), e.plan); err != nil {
		return err
	}
	short := e.plan
	short.WarmUp, short.Rounds = short.WarmUp/4, max(1, short.Rounds/3)
	if r.List, err = b.Warm(ctx, b.Set.Peers, event.List(event.Older), short); err != nil {
		return err
	}
	newer := slices.DeleteFunc(slices.Clone(b.Set.Peers), func(p peer.Peer) bool { return !p.Newer })
	r.Newer, err = b.Warm(ctx, newer, event.Call(event.Newer), short)
	return err
}

func load16(ctx context.Context, b measure.Bench, e effort, r *report.Results) (err error) {
	r.Load, err = b.Load(ctx, b.Set.Peers, event.Call(event.Older), 16, e.loadTime)
	return err
}

func memory(ctx context.Context, b measure.Bench, e effort, r *report.Results) (err error) {
	// Bundling and scheduling make little difference here, and each variant
	// takes minutes.
	peers := slices.DeleteFunc(slices.Clone(b.Set.Peers), func(p peer.Peer) bool {
		return slices.Contains([]string{peer.SDKBundle, peer.ServerBundle, peer.EchoOne, peer.OursUnset}, p.ID)
	})
	r.Memory, err = b.Memory(ctx, peers, e.memory)
	return err
}

// sizes repeats the measurements with the CPU share of each memory size. Go servers are
// started more often, because their starts are short and vary more.
func sizes(ctx context.Context, b measure.Bench, e effort, r *report.Results) (err error) {
	if b.Groups == nil {
		return nil // already in the notices
	}
	isNode := func(p peer.Peer) bool { return p.Node }
	for _, size := range e.sizes {
		slow := slices.DeleteFunc(slices.Clone(b.Set.Peers), func(p peer.Peer) bool { return !isNode(p) })
		if r.Cold[size], err = b.Cold(ctx, slow, size, e.sizeColds); err != nil {
			return err
		}
		quick, err := b.Cold(ctx, slices.DeleteFunc(slices.Clone(b.Set.Peers), isNode), size, 5*e.sizeColds)
		if err != nil {
			return err
		}
		maps.Copy(r.Cold[size], quick)
		plan := e.sizePlan
		plan.MemoryMB = size
		if r.Warm[size], err = b.Warm(ctx, b.Set.Peers, event.Call(event.Older), plan); err != nil {
			return err
		}
	}
	return nil
}

func growth(ctx context.Context, b measure.Bench, e effort, r *report.Results) (err error) {
	if r.Tools, err = b.Tools(ctx, e.tools, e.growPlan); err != nil {
		return err
	}
	if r.Keys, err = b.Authorizer(ctx, e.keys, e.plan); err != nil {
		return err
	}
	large := e.growPlan
	large.WarmUp, large.Rounds, large.Calls = 5, max(2, large.Rounds/3), 20
	if r.Bodies, err = b.Bodies(ctx, e.bodies, large); err != nil {
		return err
	}
	pair := slices.DeleteFunc(slices.Clone(b.Set.Peers), func(p peer.Peer) bool { return p.ID != peer.Ours && p.ID != peer.Echo })
	for _, n := range e.callers {
		loads, err := b.Load(ctx, pair, event.Call(event.Older), n, e.loadTime)
		if err != nil {
			return err
		}
		r.Callers = append(r.Callers, loads)
	}
	return nil
}

func hostile(ctx context.Context, b measure.Bench, e effort, r *report.Results) (err error) {
	r.Hostile, err = b.Hostile(ctx, e.hostile, e.hostileRounds, 10)
	return err
}

func profiles(ctx context.Context, b measure.Bench, e effort, r *report.Results) (err error) {
	r.ProfileCalls = e.profile
	if r.CPU, err = b.Profile(ctx, "cpu", event.Call(event.Older), e.profile); err != nil {
		return err
	}
	if r.Allocs, err = b.Profile(ctx, "allocs", event.Call(event.Older), e.profile/5); err != nil {
		return err
	}
	ours, err := b.Set.Find(peer.Ours)
	if err != nil {
		return err
	}
	r.Init, err = b.Init(ctx, ours)
	return err
}
