package report

import (
	"maps"
	"slices"

	"serverless-mcp/bench/peer"
)

// Charts are the SVG files of the report, by name.
func (r Results) Charts() map[string]string {
	charts := map[string]string{}
	add := func(name, title, unit string, of value) {
		if bars := r.bars(of); len(bars) > 0 {
			charts[name] = barChart(title, unit, bars)
		}
	}
	base := r.fullCore()
	add("cold.svg", "Cold start to the first answer, "+share(base)+", net of adapters", "ms", r.net(r.coldClock(base)))
	add("warm.svg", "CPU of a warm tools/call, net of adapters", "µs", r.net(r.warmCPU(0)))
	add("memory.svg", "Memory of an instance after load, net of adapters", "MB", r.net(r.memoryLast))
	if sizes, lines := r.coldLines(); len(lines) > 0 {
		charts["sizes.svg"] = lineChart("Cold start to the first answer, by memory size", "ms", sizes, lines)
	}
	return charts
}

// bars has a bar for each server; adapters and Node's floor are left out.
func (r Results) bars(of value) []bar {
	var bars []bar
	for _, p := range r.Peers {
		if v, ok := of(p.ID); ok && !auxiliary(p.ID) {
			bars = append(bars, bar{p.Title, v, p.ID == peer.Ours})
		}
	}
	return bars
}

func auxiliary(id string) bool {
	return id == peer.NodeEcho || id == peer.NodeHTTP || id == peer.NodeWeb
}

func (r Results) coldLines() (sizes []string, lines []line) {
	shares := slices.DeleteFunc(slices.Sorted(maps.Keys(r.Cold)), func(size int) bool { return size == 0 })
	for _, size := range shares {
		sizes = append(sizes, count(size)+" MB")
	}
	for _, p := range r.Peers {
		l := line{label: p.Title, own: p.ID == peer.Ours}
		any := false
		for _, size := range shares {
			v, ok := r.net(r.coldClock(size))(p.ID)
			l.values = append(l.values, v)
			any = any || ok
		}
		if any && !auxiliary(p.ID) {
			lines = append(lines, l)
		}
	}
	return sizes, lines
}
