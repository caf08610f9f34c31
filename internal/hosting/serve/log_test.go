package serve_test

import (
	"bytes"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"serverless-mcp/internal/hosting/logs"
	"serverless-mcp/internal/hosting/serve"
	"serverless-mcp/internal/hosting/signincheck"
	"serverless-mcp/internal/test/rpc"
)

// Every request is logged in exactly one line, with the key's id and without the client's
// text, even if mcp-go rejects it before it calls a hook.
func TestOneLinePerRequest(t *testing.T) {
	var log bytes.Buffer
	h := newHandler(t, func(o *serve.Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	const newer = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}`
	for _, c := range []struct {
		name, body string
		headers    []string
		want       string // in the line; empty means no line
	}{
		{"a call", call, nil, "method=tools/call outcome=ok tool=report keyId=a"},
		{"an unknown tool", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"s3cret"}}`, nil, `outcome="not found or not allowed" keyId=a`},
		{"an unknown method", `{"jsonrpc":"2.0","id":1,"method":"s3cret"}`, nil, "outcome=rejected code=-32601 keyId=a"},
		{"a header that contradicts the body", `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{` + newer + `}}`,
			[]string{"Mcp-Protocol-Version", "2026-07-28", "Mcp-Method", "s3cret"}, "outcome=rejected code=-32020 keyId=a"},
		{"a method of the other era", `{"jsonrpc":"2.0","id":1,"method":"ping","params":{` + newer + `}}`,
			[]string{"Mcp-Protocol-Version", "2026-07-28", "Mcp-Method", "ping"}, "keyId=a"},
		{"a notification", `{"jsonrpc":"2.0","method":"notifications/initialized"}`, nil, ""},
		{"not JSON", `s3cret`, nil, `msg="mcp request"`},
	} {
		log.Reset()
		rpc.Post(h, c.body, c.headers...)
		lines := strings.Count(log.String(), "\n")
		if c.want == "" && lines != 0 || c.want != "" && (lines != 1 || !strings.Contains(log.String(), c.want)) {
			t.Errorf("%s: logged %q, want one line with %q", c.name, log.String(), c.want)
		}
		if strings.Contains(log.String(), "s3cret") {
			t.Errorf("%s: the client's text is in the log: %s", c.name, log.String())
		}
	}
}

// Requests with rejected tokens share log lines, like those with rejected keys: anyone can
// send them.
func TestRejectedTokensShareLines(t *testing.T) {
	var log bytes.Buffer
	h := newHandler(t, func(o *serve.Options) {
		o.Log = logs.New(&log, slog.LevelInfo)
		o.Signin = signincheck.Options{Issuer: "https://login.example.com", Resource: "https://a.example.com/signin/mcp"}
	})
	synctest.Test(t, func(t *testing.T) {
		for range 10 {
			r := httptest.NewRequest("POST", "/signin/mcp", strings.NewReader(rpc.Ping))
			rpc.SetHeaders(r.Header, "X-Api-Key", "", "Authorization", "Bearer a.b.c")
			h.ServeHTTP(httptest.NewRecorder(), r)
		}
		time.Sleep(3 * time.Second) // until the summary is written
		synctest.Wait()
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		if len(lines) != 2 || !strings.Contains(lines[0], `"count":1}`) || !strings.Contains(lines[1], `"count":9}`) || !strings.Contains(lines[1], `"reason":"invalid access token: `) {
			t.Errorf("10 rejected tokens: logged %d lines, want one and a summary of 9:\n%s", len(lines), &log)
		}
	})
}
