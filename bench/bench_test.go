package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"serverless-mcp/bench/event"
	"serverless-mcp/internal/hosting/keycheck"
	"serverless-mcp/internal/hosting/lambdahttp"
	"serverless-mcp/internal/hosting/logs"
	"serverless-mcp/internal/hosting/serve"
	"serverless-mcp/internal/hosting/signincheck"
	"serverless-mcp/internal/metrics"
	"serverless-mcp/internal/tool"
	"serverless-mcp/tools"
)

// TestNoGrowth calls the server many times: neither goroutines nor the heap may
// grow.
func TestNoGrowth(t *testing.T) {
	calls := 100_000
	if testing.Short() {
		calls = 5_000
	}
	log := slog.New(slog.NewJSONHandler(io.Discard, nil))
	requireCalculate(t)
	handler, err := serve.New(tools.All, serve.Options{Name: "bench", Authenticate: keycheck.FromAuthorizer, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	handle := lambdahttp.Buffered(handler, log)
	var e lambdahttp.Event
	if err := json.Unmarshal(event.Call(event.Older).Payload, &e); err != nil {
		t.Fatal(err)
	}
	call := func(n int) (goroutines int, heap uint64) {
		for range n {
			if response, err := handle(context.Background(), e); err != nil || !strings.Contains(response.Body, `"result":42`) {
				t.Fatalf("got %+v, %v", response, err)
			}
		}
		runtime.GC() // a sync.Pool keeps what it has for one more collection
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return runtime.NumGoroutine(), m.HeapAlloc
	}
	goroutines, heap := call(1000)
	goroutinesAfter, heapAfter := call(calls)
	if goroutinesAfter > goroutines+2 || heapAfter > heap+1<<20 {
		t.Errorf("over %d calls: goroutines %d → %d, heap %d → %d bytes", calls, goroutines, goroutinesAfter, heap, heapAfter)
	}
}

// requireCalculate skips the test in a project that has removed the sample tool
// calculate, which every measurement calls.
func requireCalculate(t *testing.T) {
	t.Helper()
	set := tools.All(tools.Config{})
	if !slices.ContainsFunc(set.Tools, func(t tool.Tool) bool { return t.Definition().Name == "calculate" }) {
		t.Skip("the sample tool calculate is not registered")
	}
}

func TestFlags(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string // part of the error; empty means none
	}{
		{nil, ""},
		{[]string{"--quick", "--parts", "cold,warm"}, ""},
		{[]string{"--parts", "cold,tepid"}, `unknown part "tepid"; the parts are cold, warm,`},
		{[]string{"--fast"}, "flag provided but not defined"},
	} {
		o, err := parse(test.args, io.Discard)
		if err == nil && o.command() != strings.Join(append([]string{"go run ./bench"}, test.args...), " ") {
			t.Errorf("%v: command is %q", test.args, o.command())
		}
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("parse(%v): error %v, want %q", test.args, err, test.want)
		}
	}
}

// BenchmarkFeatures compares warm calls of a key with and without a feature. Each round
// measures both in the order off, on, on, off, and the median of the rounds' ratios is
// reported: what else the machine does hits both alike. Metrics may cost 1.05 times;
// limits and sign-in nothing for a key that does not use them.
func BenchmarkFeatures(b *testing.B) {
	off := handle(b, func(*serve.Options) {})
	for _, feature := range []struct {
		name string
		set  func(*serve.Options)
	}{
		{"metrics", func(o *serve.Options) {
			o.Log = logs.NewWithMetrics(discard(), slog.LevelInfo, metrics.Options{Server: "bench"})
		}},
		{"limits", func(o *serve.Options) { o.LimitsTable = "limits" }},
		{"sign-in", func(o *serve.Options) {
			o.Signin = signincheck.Options{Issuer: "https://login.example.com", Resource: "https://mcp.example.com/signin/mcp", Tools: "everyone=*"}
		}},
		{"nothing", func(*serve.Options) {}}, // shows how exact the measurement is
	} {
		b.Run(feature.name, func(b *testing.B) {
			on := handle(b, feature.set)
			var ratios []float64
			for b.Loop() {
				first := timeOf(off)
				middle := timeOf(on) + timeOf(on)
				ratios = append(ratios, float64(middle)/float64(first+timeOf(off)))
			}
			slices.Sort(ratios)
			b.ReportMetric(ratios[len(ratios)/2], "on/off")
		})
	}
}

// discard returns a writer that, unlike io.Discard, lets slog format the lines.
func discard() io.Writer { return struct{ io.Writer }{io.Discard} }

// handle returns a warm call of a tool behind the gateway.
func handle(b *testing.B, change func(*serve.Options)) func() {
	b.Helper()
	var e lambdahttp.Event
	if err := json.Unmarshal(event.Call(event.Newer).Payload, &e); err != nil {
		b.Fatal(err)
	}
	o := serve.Options{Name: "bench", Authenticate: keycheck.FromAuthorizer, Log: logs.NewWithMetrics(discard(), slog.LevelInfo, metrics.Options{})}
	change(&o)
	handler, err := serve.New(tools.All, o)
	if err != nil {
		b.Fatal(err)
	}
	call := lambdahttp.Buffered(handler, o.Log)
	return func() {
		if response, err := call(context.Background(), e); err != nil || !strings.Contains(response.Body, `"result":42`) {
			b.Fatalf("got %+v, %v", response, err)
		}
	}
}

// timeOf returns how long ten calls take: few, so that a burst of other work on the
// machine spoils few rounds.
func timeOf(call func()) time.Duration {
	begun := time.Now()
	for range 10 {
		call()
	}
	return time.Since(begun)
}
