package report

import (
	"fmt"

	"serverless-mcp/bench/measure"
	"serverless-mcp/bench/peer"
	"serverless-mcp/bench/price"
	"serverless-mcp/internal/settings"
)

// Target is a performance goal of the project.
type Target struct {
	Text  string
	Want  string
	Got   string
	Met   bool
	Floor bool // the bare function does not meet it either
}

// fullCore returns the memory size with a whole core, or 0 if only the whole
// machine was measured.
func (r Results) fullCore() int {
	if _, ok := r.Cold[settings.FullCoreMB]; ok {
		return settings.FullCoreMB
	}
	return 0
}

// Targets returns the targets that this run measured.
func (r Results) Targets() []Target {
	var list []Target
	atMost := func(text string, limit float64, measured value, a, b string) {
		x, ok1 := measured(a)
		y, ok2 := measured(b)
		if ok1 && ok2 && y > 0 {
			list = append(list, Target{Text: text, Want: fmt.Sprintf("≤ %g×", limit), Got: fmt.Sprintf("%.2f×", x/y), Met: x/y <= limit})
		}
	}
	atLeast := func(text string, limit float64, measured value, a string) {
		x, ok1 := measured(peer.SDK)
		y, ok2 := measured(a)
		floor, ok3 := measured(peer.Echo)
		if ok1 && ok2 && ok3 && y > 0 {
			list = append(list, Target{Text: text, Want: fmt.Sprintf("≥ %g×", limit), Got: fmt.Sprintf("%.1f× (the bare function: %.1f×)", x/y, x/floor),
				Met: x/y >= limit, Floor: x/floor < limit})
		}
	}
	core := r.fullCore()
	atMost("Warm tools/call: CPU against the bare function", 2.5, r.warmCPU(0), peer.Ours, peer.Echo)
	atLeast("Warm tools/call: less CPU than the TypeScript SDK", 8, r.net(r.warmCPU(0)), peer.Ours)
	atMost("Cold start against the bare function's, "+share(core), 2.5, r.coldClock(core), peer.Ours, peer.Echo)
	atMost("Cold start against the bare function's, "+share(128), 2.5, r.coldClock(128), peer.Ours, peer.Echo)
	atLeast("Cold start: faster than the TypeScript SDK's, "+share(core), 12, r.net(r.coldClock(core)), peer.Ours)
	atLeast("Cold start: faster than the TypeScript SDK's, "+share(128), 50, r.net(r.coldClock(128)), peer.Ours)
	atLeast("Memory after load: less than the TypeScript SDK's", 8, r.net(r.memoryLast), peer.Ours)
	list = append(list, r.packageTarget()...)
	list = append(list, r.billedTarget()...)
	list = append(list, r.keyTargets()...)
	list = append(list, r.hostileTargets()...)
	return append(list, r.growthTarget()...)
}

// hostileTargets returns the targets for a call with 1 MB of text.
func (r Results) hostileTargets() []Target {
	for _, h := range r.Hostile {
		if h.Shape == "text" && h.Bytes == 1<<20 && h.Floor.CPU > 0 {
			cpu, memory := float64(h.Ours.CPU)/float64(h.Floor.CPU), float64(h.Ours.Memory)/float64(h.Bytes)
			return []Target{
				{Text: "tools/call of 1 MB: CPU against the bare function", Want: "≤ 2.5×", Got: fmt.Sprintf("%.2f×", cpu), Met: cpu <= 2.5},
				{Text: "tools/call of 1 MB: peak memory against the arguments", Want: "≤ 6×", Got: fmt.Sprintf("%.1f×", memory), Met: memory <= 6, Floor: float64(h.Floor.Memory)/float64(h.Bytes) > 6},
			}
		}
	}
	return nil
}

// packageTarget returns the target for the zip of the MCP function: 4 MB.
func (r Results) packageTarget() []Target {
	for _, p := range r.Peers {
		if p.ID == peer.Ours && p.Package > 0 {
			size := float64(p.Package) / 1e6
			return []Target{{Text: "Zip", Want: "≤ 4 MB", Got: fmt.Sprintf("%.2f MB", size), Met: size <= 4}}
		}
	}
	return nil
}

func (r Results) billedTarget() []Target {
	w, ok := r.Warm[128][peer.Ours]
	if !ok {
		return nil
	}
	got := fmt.Sprintf("%.2f ms", ms(w.Latency.Median()))
	met := price.Billed(w.Latency.Median()) <= 1
	if !met {
		for _, size := range []int{256, 512, 1024, settings.FullCoreMB} {
			if w, ok := r.Warm[size][peer.Ours]; ok && price.Billed(w.Latency.Median()) <= 1 {
				got += fmt.Sprintf("; met from %d MB on", size)
				break
			}
		}
	}
	bare, ok := r.Warm[128][peer.Echo]
	if ok {
		got += fmt.Sprintf(" (the bare function: %.2f ms)", ms(bare.Latency.Median()))
	}
	return []Target{{
		Text: "Warm tools/call at the median, " + share(128), Want: "≤ 1 billed ms", Got: got, Met: met,
		Floor: ok && price.Billed(bare.Latency.Median()) > 1,
	}}
}

func (r Results) keyTargets() []Target {
	if len(r.Keys) < 2 {
		return nil
	}
	first, last := r.Keys[0], r.Keys[len(r.Keys)-1]
	times := us(first.Call) / us(first.Floor)
	more := us(last.Call) / us(first.Call)
	return []Target{
		{Text: "Authorizer, keyring in memory: CPU against the bare function", Want: "≤ 1.3×", Got: fmt.Sprintf("%.2f×", times), Met: times <= 1.3},
		{Text: fmt.Sprintf("Authorizer: %d keys against %d", last.Size, first.Size), Want: "no more (≤ 1.1×)", Got: fmt.Sprintf("%.2f×", more), Met: more <= 1.1},
	}
}

// growthTarget compares the last four fifths of the calls; before that, the heap
// grows to its working size.
func (r Results) growthTarget() []Target {
	m, ok := r.Memory[peer.Ours]
	if !ok {
		return nil
	}
	early, late := m.Size[1], m.Last()
	return []Target{{
		Text: fmt.Sprintf("Memory does not grow, %s to %s calls", count(m.Calls[1]), count(m.Calls[len(m.Calls)-1])),
		Want: "≤ 1.1×", Got: fmt.Sprintf("%.2f× (%.1f → %.1f MB)", float64(late)/float64(early), mb(early), mb(late)),
		Met: float64(late) <= 1.1*float64(early),
	}}
}

// Regressions returns the ratios that exceed their limits, which are valid on any machine.
// The limits are about twice the ratios of a warm call (1.2 to 1.4) and of a cold start (2.2
// to 2.8) at the time they were set. Before main, ours always allocates 102 times as much as
// the bare function; at 118 times, the first garbage collection would come before the first
// response (docs/decisions/057-start-below-the-first-collection.md).
func Regressions(warm map[string]measure.Warm, cold map[string]measure.Cold, inits map[string][]measure.Init) []string {
	var list []string
	check := func(what string, got, limit float64) {
		if got > limit {
			list = append(list, fmt.Sprintf("%s costs %.2f times what the bare function costs; the limit is %g", what, got, limit))
		}
	}
	check("the CPU time of a warm call", us(warm[peer.Ours].CPU.Median())/us(warm[peer.Echo].CPU.Median()), 3)
	check("the CPU time of a cold start", ms(cold[peer.Ours].CPU.Median())/ms(cold[peer.Echo].CPU.Median()), 5)
	check("the memory that packages allocate before main", float64(allocated(inits[peer.Ours]))/float64(allocated(inits[peer.Echo])), 115)
	return list
}

// allocated returns the bytes that all package initializations allocate.
func allocated(inits []measure.Init) (bytes int64) {
	for _, i := range inits {
		bytes += i.Bytes
	}
	return bytes
}
