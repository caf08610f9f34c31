package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"serverless-mcp/bench/event"
	"serverless-mcp/internal/hosting/lambdahttp"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/tool"
	"serverless-mcp/tools"
)

// TestRatios measures the real function against the bare one, and fails where
// a ratio has more than doubled.
func TestRatios(t *testing.T) {
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("takes half a minute, and Linux")
	}
	samples(t)
	t.Chdir("..")
	var log bytes.Buffer
	if err := check(context.Background(), &log); err != nil {
		t.Errorf("%v\n%s", err, &log)
	}
}

// TestNoGrowth calls the server over and over: neither goroutines nor the heap
// may grow.
func TestNoGrowth(t *testing.T) {
	calls := 100_000
	if testing.Short() {
		calls = 5_000
	}
	log := slog.New(slog.NewJSONHandler(io.Discard, nil))
	server, err := mcpserver.New(mcpserver.Options{Name: "bench", Log: log}, samples(t))
	if err != nil {
		t.Fatal(err)
	}
	handle := lambdahttp.Buffered(mcphttp.New(server, mcphttp.Options{Authenticate: mcphttp.FromAuthorizer, Log: log}), log)
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

// samples are the tools of this project, among them the one that is called in
// every measurement. A project that has taken it out has its own to measure.
func samples(t *testing.T) tool.Set {
	set := tools.All(tools.Config{Setting: func(string) string { return "" }})
	if !slices.ContainsFunc(set.Tools, func(t tool.Tool) bool { return t.Definition().Name == "calculate" }) {
		t.Skip("the sample tool calculate is not there")
	}
	return set
}

func TestFlags(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string // part of the error; empty means none
	}{
		{nil, ""},
		{[]string{"--quick", "--parts", "cold,warm"}, ""},
		{[]string{"--parts", "cold,tepid"}, `there is no part "tepid"; there are cold, warm,`},
		{[]string{"--fast"}, "flag provided but not defined"},
	} {
		o, err := parse(test.args, io.Discard)
		if err == nil && o.command() != strings.Join(append([]string{"go run ./bench"}, test.args...), " ") {
			t.Errorf("%v is repeated by %q", test.args, o.command())
		}
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("parse(%v): error %v, want %q", test.args, err, test.want)
		}
	}
}
