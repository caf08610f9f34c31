// Package report writes measurements as Markdown.
package report

import (
	"time"

	"serverless-mcp/bench/measure"
	"serverless-mcp/bench/peer"
)

// Results holds all numbers of one run. Fields that were not measured are empty and are omitted
// from the report.
type Results struct {
	When    time.Time
	Took    time.Duration
	Command string // command that repeats the run
	Machine Machine
	Notices []string // what could not be measured, and why
	Peers   []peer.Peer

	Cold   map[int]map[string]measure.Cold // by memory size, with its CPU share; 0 is the whole machine
	Warm   map[int]map[string]measure.Warm // by memory size: a tools/call of 2025-11-25
	Newer  map[string]measure.Warm         // a tools/call of 2026-07-28
	List   map[string]measure.Warm         // a tools/list of 2025-11-25
	Load   map[string]measure.Load         // 16 callers
	Memory map[string]measure.Memory

	Tools, Bodies, Keys []measure.Point
	Callers             []map[string]measure.Load // in order of the number of callers

	Hostile []measure.Hostile

	CPU, Allocs  []measure.Share
	ProfileCalls int // calls in each profile
	Init         []measure.Init
}

// Machine describes the machine that the run was measured on.
type Machine struct {
	Processor, Kernel, Go, Node string
	Cores                       int
	Before, After               string // load averages of 1, 5 and 15 minutes
	Cgroup                      int    // version; zero means none
}

// value returns a number of one peer; ok is false if it was not measured.
type value func(id string) (v float64, ok bool)

// net returns a peer's number less the cost of its adapter, which is the number of the
// adapter alone minus that of Node's bare function.
func (r Results) net(gross value) value {
	adapters := map[string]string{}
	for _, p := range r.Peers {
		adapters[p.ID] = p.Adapter
	}
	return func(id string) (float64, bool) {
		v, ok := gross(id)
		if adapters[id] == "" || !ok {
			return v, ok
		}
		with, ok1 := gross(adapters[id])
		without, ok2 := gross(peer.NodeEcho)
		if !ok1 || !ok2 {
			return 0, false
		}
		return v - max(0, with-without), true
	}
}

func (r Results) coldClock(memoryMB int) value {
	return func(id string) (float64, bool) {
		c, ok := r.Cold[memoryMB][id]
		return ms(c.First.Median()), ok
	}
}

func (r Results) coldCPU(memoryMB int) value {
	return func(id string) (float64, bool) {
		c, ok := r.Cold[memoryMB][id]
		return ms(c.CPU.Median()), ok
	}
}

func (r Results) warmCPU(memoryMB int) value { return cpu(r.Warm[memoryMB]) }

func cpu(warm map[string]measure.Warm) value {
	return func(id string) (float64, bool) {
		w, ok := warm[id]
		return us(w.CPU.Median()), ok
	}
}

func (r Results) warmClock(memoryMB int, percentile float64) value {
	return func(id string) (float64, bool) {
		w, ok := r.Warm[memoryMB][id]
		return ms(w.Latency.Percentile(percentile)), ok
	}
}

func (r Results) memoryLast(id string) (float64, bool) {
	m, ok := r.Memory[id]
	if !ok {
		return 0, false
	}
	return mb(m.Last()), true
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
func us(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
func mb(bytes int64) float64     { return float64(bytes) / (1 << 20) }
