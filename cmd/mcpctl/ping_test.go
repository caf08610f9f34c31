package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"serverless-mcp/cmd/mcpctl/internal/cli"
)

// Results measured before a request failed are printed too.
func TestPingPrintsPartialResults(t *testing.T) {
	left := 3
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer the-key" || left == 0 {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		left--
		io.WriteString(w, `{"jsonrpc":"2.0","id":1,"result":{}}`)
	}))
	defer srv.Close()
	var stdout, stderr bytes.Buffer
	env := &cli.Env{Dir: t.TempDir(), Environ: []string{"MCP_API_KEY=the-key"}, Stdout: &stdout, Stderr: &stderr}
	if code := run(t.Context(), []string{"ping", "--bearer", "--url", srv.URL + "/mcp"}, env); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	if !strings.Contains(stdout.String(), "\n3 requests: min ") {
		t.Errorf("stdout lacks the summary:\n%s", stdout.String())
	}
	if !strings.Contains(stderr.String(), "429 Too Many Requests") {
		t.Errorf("stderr lacks the reason:\n%s", stderr.String())
	}
}
