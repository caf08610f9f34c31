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

	"serverless-mcp/bench/event"
	"serverless-mcp/internal/hosting/keycheck"
	"serverless-mcp/internal/hosting/lambdahttp"
	"serverless-mcp/internal/hosting/serve"
	"serverless-mcp/internal/tool"
	"serverless-mcp/tools"
)

// TestNoGrowth calls the server many times. Neither the number of goroutines nor the heap may
// grow.
func TestNoGrowth(t *testing.T) {
	const calls = 20_000
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
		runtime.GC() // a sync.Pool keeps its items for one more collection
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return runtime.NumGoroutine(), m.HeapAlloc
	}
	goroutines, heap := call(1000)
	goroutinesAfter, heapAfter := call(calls)
	if goroutinesAfter > goroutines+2 || heapAfter > heap+10*calls { // bytes
		t.Errorf("over %d calls: goroutines %d → %d, heap %d → %d bytes", calls, goroutines, goroutinesAfter, heap, heapAfter)
	}
}

// requireCalculate skips the test if the project has removed the sample tool calculate,
// which every measurement calls.
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
		{[]string{"--features"}, ""},
		{[]string{"--against", "HEAD~1"}, ""},
		{[]string{"--features", "--against", "HEAD~1"}, "--features has no effect together with --against"},
		{[]string{"--features", "--parts", "cold"}, "--parts has no effect together with --features"},
		{[]string{"--ci", "--save", "numbers"}, "--save has no effect together with --ci"},
		{[]string{"--load", "numbers", "--out", "-", "--quick"}, ""},
		{[]string{"--load", "numbers", "--save", "numbers"}, "--save has no effect together with --load"},
		{[]string{"--fast"}, "flag provided but not defined"},
	} {
		o, err := parse(test.args, io.Discard)
		measures := !o.features && o.against == "" && o.load == ""
		if err == nil && measures && o.command() != strings.Join(append([]string{"go run ./bench"}, test.args...), " ") {
			t.Errorf("%v: command is %q", test.args, o.command())
		}
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("parse(%v): error %v, want %q", test.args, err, test.want)
		}
	}
}
