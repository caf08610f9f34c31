package mcplambda_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"serverless-mcp/internal/hosting/keycheck"
	"serverless-mcp/internal/hosting/lambdahttp"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/test/rpc"
)

// BenchmarkEvent measures a call inside the function, from event to response, and a
// handler that only sends the body back.
func BenchmarkEvent(b *testing.B) {
	mcp := dialogueHandler(b, func(o *mcphttp.Options) { o.Authenticate = keycheck.FromAuthorizer })
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	body2025 := rpc.Call("1", "echo", `{"text":"hi"}`)
	body2026, headers2026 := rpc.ModernCall("1", "echo", `{"text":"hi"}`)
	for _, bench := range []struct {
		name, body string
		headers    []string
		h          http.Handler
	}{
		{"bare", body2026, headers2026, echo},
		{"2025-11-25", body2025, []string{"Mcp-Protocol-Version", "2025-11-25"}, mcp},
		{"2026-07-28", body2026, headers2026, mcp},
	} {
		b.Run(bench.name, func(b *testing.B) {
			handle := lambdahttp.Buffered(bench.h, nil)
			r := httptest.NewRequest("POST", "/mcp", strings.NewReader(bench.body))
			rpc.SetHeaders(r.Header, bench.headers...)
			event := lambdahttp.NewEvent(toEvent(b, r))
			b.ReportAllocs()
			for b.Loop() {
				if response, err := handle(context.Background(), event); err != nil || response.StatusCode != 200 || !strings.Contains(response.Body, "hi") {
					b.Fatalf("got %+v, %v", response, err)
				}
			}
		})
	}
}
