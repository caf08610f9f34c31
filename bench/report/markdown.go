package report

import (
	"fmt"
	"strings"
	"time"

	"serverless-mcp/bench/event"
	"serverless-mcp/bench/peer"
)

// Markdown returns the report.
func (r Results) Markdown() string {
	var b strings.Builder
	b.WriteString("# How fast it is\n\n")
	b.WriteString("Written by `" + r.Command + "`. Compare the ratios: all servers were measured in turn in one run, so other load on the machine affected all of them alike. Absolute times are those of this machine.\n\n")
	r.targets(&b)
	r.compared(&b)
	r.starts(&b)
	r.calls(&b)
	r.sixteen(&b)
	r.memory(&b)
	r.sizes(&b)
	r.growth(&b)
	r.hostile(&b)
	r.profiles(&b)
	r.machine(&b)
	return b.String()
}

func (r Results) targets(b *strings.Builder) {
	list := r.Targets()
	if len(list) == 0 {
		return
	}
	b.WriteString("## Targets\n\n| target | wanted | measured | |\n|---|---|---|---|\n")
	for _, t := range list {
		outcome := "met"
		if !t.Met {
			outcome = "**not met**"
			if t.Floor {
				outcome += "; the bare function would not meet it either"
			}
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", t.Text, t.Want, t.Got, outcome)
	}
	b.WriteString("\nThe numbers of the TypeScript servers are net of their adapter, see below.\n\n")
	r.reasons(b)
}

func (r Results) compared(b *strings.Builder) {
	b.WriteString("## What is compared\n\nThe same four tools and the same events; each server runs as a Lambda function under the same Runtime API (`internal/emulator/lambdahost`), stateless and with JSON responses.\n\n")
	rows := [][]string{}
	for _, p := range r.Peers {
		size := "–"
		if p.Package > 0 {
			size = number(float64(p.Package)/1e6, true)
		}
		rows = append(rows, []string{p.Title, about[p.ID], size})
	}
	texts(b, []string{"server", "what it is", "package, MB"}, rows)
	b.WriteString("Ours does more than the others: it checks the authorizer result, the key's scope and expiry, limits sizes and time, and writes a log line for each call. " +
		"The adapter rows show what the adapters of the TypeScript servers cost: an adapter alone, minus Node's bare function. Columns marked *net* subtract that difference, in their favor. " +
		"Go packages are the zips for arm64; Node packages are the compressed files without development dependencies.\n\n")
}

// about describes each server.
var about = map[string]string{
	peer.Echo:         "`aws-lambda-go` and nothing else, returns the body: the lower bound",
	peer.EchoOne:      "the same with `GOMAXPROCS=1`, which our functions have",
	peer.Ours:         "`functions/mcp`, unmodified, with its environment (`GOMAXPROCS=1`)",
	peer.OursUnset:    "the same without `GOMAXPROCS=1`, which a deployment sets, because these memory sizes have at most one core",
	peer.GoSDK:        "the official Go SDK behind our `lambdahttp`",
	peer.SDK:          "`@modelcontextprotocol/sdk`, `StreamableHTTPServerTransport`, as installed",
	peer.SDKBundle:    "the same in one file, bundled and minified by esbuild",
	peer.Server:       "`@modelcontextprotocol/server`, web-standard transport, as installed",
	peer.ServerBundle: "the same in one file",
	peer.NodeEcho:     "the lower bound for Node: a Runtime API loop that returns the body",
	peer.NodeHTTP:     "the same through the adapter of the TypeScript SDK",
	peer.NodeWeb:      "the same through the adapter of the TypeScript server",
}

func (r Results) starts(b *strings.Builder) {
	base := r.fullCore()
	if len(r.Cold[base]) == 0 {
		return
	}
	fmt.Fprintf(b, "## Cold start\n\nFrom the first instruction of the program to its first response, medians of %d starts; %s.\n\n", len(r.Cold[base][peer.Ours].First), share(base))
	clock, cpu := r.coldClock(base), r.coldCPU(base)
	net := r.net(clock)
	floor, _ := clock(peer.Echo)
	var rows [][]string
	for _, p := range r.Peers {
		c, ok := clock(p.ID)
		u, _ := cpu(p.ID)
		n, okNet := net(p.ID)
		rows = append(rows, []string{p.Title, number(c, ok), number(u, ok), number(n, okNet), times(n, floor, okNet)})
	}
	table(b, []string{"server", "first response, ms", "CPU, ms", "net, ms", "net ÷ bare function"}, rows)
}

func (r Results) calls(b *strings.Builder) {
	if len(r.Warm[0]) == 0 {
		return
	}
	fmt.Fprintf(b, "## Warm calls\n\nOne instance, one call at a time, whole machine; `tools/call` of `calculate`. CPU is the instance's CPU time per call.\n\n")
	cpuOf := r.warmCPU(0)
	net := r.net(cpuOf)
	newer, list := cpu(r.Newer), cpu(r.List)
	floor, _ := cpuOf(peer.Echo)
	var rows [][]string
	for _, p := range r.Peers {
		row := []string{p.Title}
		for _, percentile := range []float64{50, 95, 99} {
			row = append(row, number(r.warmClock(0, percentile)(p.ID)))
		}
		n, ok := net(p.ID)
		rows = append(rows, append(row, number(cpuOf(p.ID)), number(n, ok), times(n, floor, ok), number(newer(p.ID)), number(list(p.ID))))
	}
	table(b, []string{"server", "p50, ms", "p95, ms", "p99, ms", "CPU, µs", "net, µs", "net ÷ bare function", event.Newer + ", CPU µs", "`tools/list`, CPU µs"}, rows)
}

func (r Results) sixteen(b *strings.Builder) {
	if len(r.Load) == 0 {
		return
	}
	b.WriteString("## Sixteen at once\n\nSixteen concurrent callers, each with its own instance, as on Lambda, on this machine's cores.\n\n")
	var rows [][]string
	for _, p := range r.Peers {
		l, ok := r.Load[p.ID]
		rows = append(rows, []string{p.Title, number(l.PerSecond(), ok), number(ms(l.Latency.Median()), ok), number(ms(l.Latency.Percentile(99)), ok), number(us(l.CPU), ok), number(mb(l.Memory), ok)})
	}
	table(b, []string{"server", "calls a second", "p50, ms", "p99, ms", "CPU, µs", "memory of all, MB"}, rows)
}

func (r Results) memory(b *strings.Builder) {
	if len(r.Memory) == 0 {
		return
	}
	var some []int
	for _, m := range r.Memory {
		some = m.Calls
	}
	fmt.Fprintf(b, "## Memory\n\nResident size of one instance after its first call and after %s.\n\n", count(some[len(some)-1]))
	net := r.net(r.memoryLast)
	var rows [][]string
	for _, p := range r.Peers {
		m, ok := r.Memory[p.ID]
		if !ok {
			continue
		}
		rows = append(rows, []string{p.Title, number(mb(m.First()), ok), number(mb(m.Last()), ok), number(mb(m.Peak), ok), number(net(p.ID))})
	}
	table(b, []string{"server", "after one call, MB", "after all, MB", "peak, MB", "net after all, MB"}, rows)
}

func (r Results) machine(b *strings.Builder) {
	m := r.Machine
	b.WriteString("## The machine\n\n")
	fmt.Fprintf(b, "%s, %d cores, Linux %s, %s, Node %s, cgroup version %d. %s, in %s.\n\n", m.Processor, m.Cores, m.Kernel, m.Go, m.Node, m.Cgroup,
		r.When.UTC().Format("2006-01-02 15:04 MST"), r.Took.Round(time.Second))
	fmt.Fprintf(b, "Load average (1, 5, 15 minutes) before the run: %s; after it: %s. %s\n", m.Before, m.After, r.shared())
	for _, notice := range r.Notices {
		fmt.Fprintf(b, "\n- Not measured: %s\n", notice)
	}
}
