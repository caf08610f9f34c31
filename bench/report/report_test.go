package report

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/bench/measure"
	"serverless-mcp/bench/peer"
)

// example returns the results of a run with simple numbers.
func example() Results {
	cold := func(ms int) measure.Cold {
		d := measure.Times{time.Duration(ms) * time.Millisecond}
		return measure.Cold{First: d, CPU: d}
	}
	warm := func(us int) measure.Warm {
		d := measure.Times{time.Duration(us) * time.Microsecond}
		return measure.Warm{Latency: d, CPU: d}
	}
	memory := func(mb int64) measure.Memory {
		return measure.Memory{Calls: []int{1, 20, 100}, Size: []int64{mb << 20, mb << 20, mb << 20}, Peak: mb << 20}
	}
	return Results{
		When: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), Command: "go run ./bench",
		Peers: []peer.Peer{
			{ID: peer.Echo, Title: "bare"}, {ID: peer.Ours, Title: "ours & <co>", Package: 3_900_000},
			{ID: peer.SDK, Title: "sdk", Adapter: peer.NodeHTTP}, {ID: peer.NodeEcho, Title: "node"}, {ID: peer.NodeHTTP, Title: "adapter"},
		},
		Cold: map[int]map[string]measure.Cold{
			0:    {peer.Echo: cold(4), peer.Ours: cold(8), peer.SDK: cold(200), peer.NodeEcho: cold(50), peer.NodeHTTP: cold(60)},
			128:  {peer.Echo: cold(40), peer.Ours: cold(120), peer.SDK: cold(5000), peer.NodeEcho: cold(500), peer.NodeHTTP: cold(600)},
			1769: {peer.Echo: cold(4), peer.Ours: cold(9), peer.SDK: cold(200), peer.NodeEcho: cold(50), peer.NodeHTTP: cold(60)},
		},
		Warm: map[int]map[string]measure.Warm{
			0:   {peer.Echo: warm(200), peer.Ours: warm(400), peer.SDK: warm(1300), peer.NodeEcho: warm(400), peer.NodeHTTP: warm(500)},
			128: {peer.Echo: warm(300), peer.Ours: warm(1200)},
			512: {peer.Echo: warm(300), peer.Ours: warm(900)},
		},
		Memory: map[string]measure.Memory{peer.Echo: memory(10), peer.Ours: memory(16), peer.SDK: memory(130), peer.NodeEcho: memory(60), peer.NodeHTTP: memory(62)},
		Keys: []measure.Point{
			{Size: 1, Call: 260 * time.Microsecond, Floor: 250 * time.Microsecond},
			{Size: 400, Call: 270 * time.Microsecond, Floor: 250 * time.Microsecond},
		},
		Init: []measure.Init{{Package: "example.com/jsonschema", Clock: 4 * time.Millisecond, Bytes: 1000}},
	}
}

// TestTargets has a target that is met and one that is not met of each kind.
func TestTargets(t *testing.T) {
	got := map[string]string{}
	for _, target := range example().Targets() {
		outcome := "not met"
		if target.Met {
			outcome = "met"
		} else if target.Floor {
			outcome = "out of reach"
		}
		got[target.Text] = target.Got + " " + outcome
	}
	want := map[string]string{
		"Warm tools/call: CPU against the bare function":                     "2.00× met",
		"Warm tools/call: less CPU than the TypeScript SDK":                  "3.0× (the bare function: 6.0×) out of reach", // (1300 − 100) / 400
		"Cold start against the bare function's, full core (1,769 MB)":       "2.25× met",
		"Cold start against the bare function's, share of 128 MB":            "3.00× not met",
		"Cold start: faster than the TypeScript SDK's, full core (1,769 MB)": "21.1× (the bare function: 47.5×) met",
		"Cold start: faster than the TypeScript SDK's, share of 128 MB":      "40.8× (the bare function: 122.5×) not met",
		"Memory after load: less than the TypeScript SDK's":                  "8.0× (the bare function: 12.8×) met",
		"Zip": "3.90 MB met",
		"Warm tools/call at the median, share of 128 MB":               "1.20 ms; met from 512 MB on (the bare function: 0.30 ms) not met",
		"Authorizer, keyring in memory: CPU against the bare function": "1.04× met",
		"Authorizer: 400 keys against 1":                               "1.04× met",
		"Memory does not grow, 20 to 100 calls":                        "1.00× (16.0 → 16.0 MB) met",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
}

// TestPartOfARun: a report has no section on parts that were not measured.
func TestPartOfARun(t *testing.T) {
	r := Results{Peers: []peer.Peer{{ID: peer.Ours, Title: "ours"}}, Notices: []string{"CPU shares: no permission"}}
	text := r.Markdown()
	for _, heading := range []string{"Targets", "Cold start", "Warm calls", "By memory size", "How cost grows", "Where the time goes"} {
		if strings.Contains(text, "## "+heading) {
			t.Errorf("a report without numbers has a section %q", heading)
		}
	}
	if !strings.Contains(text, "Not measured: CPU shares: no permission") {
		t.Errorf("the notice is missing:\n%s", text)
	}
}

// TestReasons: the report explains a cold start only if it does not meet its target.
func TestReasons(t *testing.T) {
	r := example()
	if text := r.Markdown(); !strings.Contains(text, "4.0 in two JSON Schema libraries") {
		t.Errorf("the reason is missing:\n%s", text)
	}
	r.Cold[128][peer.Ours] = r.Cold[128][peer.Echo]
	if text := r.Markdown(); strings.Contains(text, "JSON Schema libraries") {
		t.Errorf("a reason for a target that is met:\n%s", text)
	}
}

func TestRegressions(t *testing.T) {
	r := example()
	inits := map[string][]measure.Init{peer.Ours: {{Package: "a", Bytes: 110}, {Package: "b", Bytes: 4}}, peer.Echo: {{Package: "b", Bytes: 1}}}
	if got := Regressions(r.Warm[0], r.Cold[0], inits); len(got) != 0 {
		t.Errorf("twice the bare function is a regression: %v", got)
	}
	slow := measure.Warm{CPU: measure.Times{time.Second}}
	r.Warm[0][peer.Ours] = slow
	if got := Regressions(r.Warm[0], r.Cold[0], inits); len(got) != 1 {
		t.Errorf("a second of CPU a call: %v", got)
	}
	inits[peer.Ours][1].Bytes = 6 // and 110
	if got := Regressions(r.Warm[0], r.Cold[0], inits); len(got) != 2 || !strings.Contains(got[1], "before main costs 116.00 times") {
		t.Errorf("116 bytes before main instead of 1: %v", got)
	}
}

func TestNumbers(t *testing.T) {
	for v, want := range map[float64]string{0.123: "0.12", 9.5: "9.50", 12.34: "12.3", 123.4: "123", 1234567: "1,234,567"} {
		if got := number(v, true); got != want {
			t.Errorf("number(%g) = %q, want %q", v, got, want)
		}
	}
	if got := number(1, false); got != "–" {
		t.Errorf("a number that was not measured is %q", got)
	}
}
