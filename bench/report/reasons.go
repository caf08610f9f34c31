package report

import (
	"fmt"
	"strings"
	"time"

	"serverless-mcp/bench/peer"
)

// reasons say why targets are not met, as far as this run's own numbers tell.
func (r Results) reasons(b *strings.Builder) {
	var floor, cold bool
	for _, t := range r.Targets() {
		floor = floor || !t.Met && t.Floor
		cold = cold || !t.Met && strings.HasPrefix(t.Text, "Cold")
	}
	reasons := ""
	if floor {
		reasons = "- Where not even the bare function meets a target, what is left to win is what ours adds to it; the rest is `aws-lambda-go`, `net/http` and Go's scheduler between two requests to the Runtime API.\n"
	}
	if cold {
		reasons += r.coldReason()
	}
	if reasons != "" {
		b.WriteString("Why some are not met:\n\n" + reasons + "\n")
	}
}

// coldReason adds up what passes before main.
func (r Results) coldReason() string {
	used, ok := r.coldCPU(0)(peer.Ours)
	floor, _ := r.coldCPU(0)(peer.Echo)
	if !ok || len(r.Init) == 0 {
		return ""
	}
	var all, aws, schema time.Duration
	for _, i := range r.Init {
		all += i.Clock
		switch {
		case strings.Contains(i.Package, "jsonschema"):
			schema += i.Clock
		case strings.Contains(i.Package, "aws-sdk-go"), strings.Contains(i.Package, "smithy"):
			aws += i.Clock
		}
	}
	return fmt.Sprintf("- Cold start: of the %.1f ms of CPU time on the whole machine, %.1f are the bare function's and %.1f pass before `main`, in the init of packages: "+
		"%.1f in two JSON Schema libraries that mcp-go links in and that nothing here calls, %.1f in the AWS SDK, whose clients tools and secrets use. "+
		"The garbage of the former brings on the first garbage collection, too. What both are, the last table below says.\n", used, floor, ms(all), ms(schema), ms(aws)) +
		r.threads()
}

// threads says what one thread for Go code makes of a cold start, and what a
// bare function would gain by it.
func (r Results) threads() string {
	var ratios []string
	for _, memoryMB := range []int{r.fullCore(), 128} {
		clock := r.coldClock(memoryMB)
		ours, ok1 := clock(peer.Ours)
		unset, ok2 := clock(peer.OursUnset)
		bare, ok3 := clock(peer.EchoOne)
		if ok1 && ok2 && ok3 {
			ratios = append(ratios, fmt.Sprintf("%s of what it takes without, and %s of a bare function's that has it too, %s", times(ours, unset, true), times(ours, bare, true), share(memoryMB)))
		}
	}
	if len(ratios) == 0 {
		return ""
	}
	return "- With `GOMAXPROCS=1`, as deployed, a cold start takes " + strings.Join(ratios, "; ") + ". A share of less than a core has no work for two threads.\n"
}

// shared says what the load average means.
func (r Results) shared() string {
	var one float64
	if _, err := fmt.Sscanf(r.Machine.Before, "%g", &one); err != nil || one < 0.3 {
		return "It had nothing else to do."
	}
	return "Before the benchmark ran, something else did, and it may have gone on: absolute times, and the 95th and 99th percentiles most of all, may be worse than they would be alone."
}
