package mcpserver_test

import (
	"testing"

	"serverless-mcp/internal/mcp/mcpserver"
)

// BenchmarkNew measures what a server of eight tools adds to a cold start.
func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := mcpserver.New(mcpserver.Options{Name: "fixture"}, fixtures()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCall measures a call through mcp-go's transport.
func BenchmarkCall(b *testing.B) {
	r := newRig(b, fixtures())
	params := map[string]any{"name": "echo", "arguments": map[string]any{"word": "hi"}}
	b.ReportAllocs()
	for b.Loop() {
		if status, body := r.do(b, request{caller: everyone}, "tools/call", params); status != 200 {
			b.Fatal(body)
		}
	}
}
