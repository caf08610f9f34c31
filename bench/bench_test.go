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

	"github.com/aws/aws-lambda-go/events"

	"serverless-mcp/bench/event"
	"serverless-mcp/internal/hosting/keycheck"
	"serverless-mcp/internal/hosting/lambdahttp"
	"serverless-mcp/internal/hosting/logs"
	"serverless-mcp/internal/hosting/serve"
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
	var e events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(event.Call(event.Older).Payload, &e); err != nil {
		t.Fatal(err)
	}
	call := func(n int) (goroutines int, heap uint64) {
		for range n {
			if response, err := handle(context.Background(), e); err != nil || !strings.Contains(response.Body, `"result":42`) {
				t.Fatalf("got %+v, %v", response, err)
			}
		}
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

// BenchmarkMetrics compares the CPU time of a warm call with and without metrics, in
// turns, and reports the ratio: at most 1.05 is what docs/operate.md promises.
func BenchmarkMetrics(b *testing.B) {
	var e events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(event.Call(event.Newer).Payload, &e); err != nil {
		b.Fatal(err)
	}
	handlerWith := func(m metrics.Options) func() {
		log := logs.NewWithMetrics(struct{ io.Writer }{io.Discard}, slog.LevelInfo, m)
		handler, err := serve.New(tools.All, serve.Options{Name: "bench", Authenticate: keycheck.FromAuthorizer, Log: log})
		if err != nil {
			b.Fatal(err)
		}
		handle := lambdahttp.Buffered(handler, log)
		return func() {
			if response, err := handle(context.Background(), e); err != nil || !strings.Contains(response.Body, `"result":42`) {
				b.Fatalf("got %+v, %v", response, err)
			}
		}
	}
	off, on := handlerWith(metrics.Options{}), handlerWith(metrics.Options{Server: "bench"})
	var ratios []float64
	for b.Loop() {
		ratios = append(ratios, float64(timeOf(on))/float64(timeOf(off)))
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "on/off")
}

// timeOf returns how long 200 calls take.
func timeOf(call func()) time.Duration {
	begun := time.Now()
	for range 200 {
		call()
	}
	return time.Since(begun)
}
