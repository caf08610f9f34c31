package report

import (
	"fmt"
	"strings"
	"time"

	"serverless-mcp/bench/peer"
)

// reasons writes why targets are not met, as far as the numbers of this run show.
func (r Results) reasons(b *strings.Builder) {
	var floor, cold bool
	for _, t := range r.Targets() {
		floor = floor || !t.Met && t.Floor
		cold = cold || !t.Met && strings.HasPrefix(t.Text, "Cold")
	}
	reasons := ""
	if floor {
		reasons = "- If the bare function does not meet a target either, only the part that this project adds can be improved; the rest is `aws-lambda-go`, `net/http` and Go's scheduler between two requests to the Runtime API.\n"
	}
	if cold {
		reasons += r.coldReason()
	}
	if reasons != "" {
		b.WriteString("Why some are not met:\n\n" + reasons + "\n")
	}
}

// coldReason explains the CPU time of a cold start before main.
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
	return fmt.Sprintf("- Cold start: of the %.1f ms of CPU time on the whole machine, the bare function needs %.1f, and package initialization before `main` takes %.1f: "+
		"%.1f in two JSON Schema libraries that mcp-go links and nothing here calls, %.1f in the AWS SDK, whose clients tools and secrets use. "+
		"The garbage of the JSON Schema libraries also causes the first garbage collection. The last table has the details.\n", used, floor, ms(all), ms(schema), ms(aws)) +
		r.threads()
}

// threads writes the effect of GOMAXPROCS=1 on cold starts of our function and of the bare
// function.
func (r Results) threads() string {
	var ratios []string
	for _, memoryMB := range []int{r.fullCore(), 128} {
		clock := r.coldClock(memoryMB)
		ours, ok1 := clock(peer.Ours)
		unset, ok2 := clock(peer.OursUnset)
		bare, ok3 := clock(peer.EchoOne)
		if ok1 && ok2 && ok3 {
			ratios = append(ratios, fmt.Sprintf("%s of the time without it, and %s of the time of a bare function with it, %s", times(ours, unset, true), times(ours, bare, true), share(memoryMB)))
		}
	}
	if len(ratios) == 0 {
		return ""
	}
	return "- With `GOMAXPROCS=1`, as deployed, a cold start takes " + strings.Join(ratios, "; ") + ". A share of less than a core cannot keep two threads busy.\n"
}

// shared returns a sentence on the load average.
func (r Results) shared() string {
	var one float64
	if _, err := fmt.Sscanf(r.Machine.Before, "%g", &one); err != nil || one < 0.3 {
		return "Nothing else ran."
	}
	return "Something else ran before the benchmark and may have continued: absolute times, above all the 95th and 99th percentiles, may be worse than on an idle machine."
}
