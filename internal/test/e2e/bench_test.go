package e2e

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/test/project"
)

// BenchmarkFirstResponse measures the time to the first response: both functions start, the
// authorizer reads its keys, the tool runs.
func BenchmarkFirstResponse(b *testing.B) {
	for b.Loop() {
		s := startBench(b)
		ping(b, s)
		b.StopTimer()
		s.Close()
		b.StartTimer()
	}
}

// BenchmarkWarmCall measures a tool call through gateway and function, with a
// cached authorizer result.
func BenchmarkWarmCall(b *testing.B) {
	s := startBench(b)
	defer s.Close()
	ping(b, s)
	for b.Loop() {
		ping(b, s)
	}
}

func startBench(b *testing.B) *local.System {
	b.Helper()
	topology, err := local.FromTemplate(built.template["plain"].get(b))
	if err != nil {
		b.Fatal(err)
	}
	topology.Throttle = local.Throttle{}
	s, err := local.Start(topology, local.Options{Binary: project.Binary(built.fixtures.get(b))})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// ping calls the fixture's smallest tool.
func ping(b *testing.B, s *local.System) {
	const call = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"size","arguments":{"text":"x"}}}`
	req, err := http.NewRequest("POST", s.URL+"/mcp", strings.NewReader(call))
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("x-api-key", deploymentKey)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(text), `"n":1`) {
		b.Fatalf("%d %s %v", resp.StatusCode, text, err)
	}
}
