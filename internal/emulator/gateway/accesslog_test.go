package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAccessLog(t *testing.T) {
	const key = "mcp_main_thekey"
	now := time.Date(2026, 11, 21, 9, 20, 0, 0, time.UTC)
	var access, errs bytes.Buffer
	f := &function{run: func(event []byte) ([]byte, error) {
		now = now.Add(120 * time.Millisecond)
		if bytes.Contains(event, []byte("boom")) {
			return nil, errors.New(`panic "at" tool.go:1`)
		}
		return []byte(`{"statusCode":202,"body":"12345"}`), nil
	}}
	api := mustNew(t, Config{
		Routes:    []Route{{Method: "POST", Path: "/mcp", Authorizer: keyAuthorizer(responds(allow), time.Minute), Integration: f}},
		AccessLog: &access,
		AccessLogFormat: `{"id":"$context.requestId","ip":"$context.identity.sourceIp","agent":"$context.identity.userAgent",` +
			`"at":"$context.requestTime","route":"$context.routeKey","path":"$context.path","status":$context.status,"length":"$context.responseLength",` +
			`"latency":"$context.responseLatency","function":"$context.integrationLatency","functionStatus":"$context.integration.status","functionError":"$context.integrationErrorMessage",` +
			`"key":"$context.authorizer.keyId","authorizerError":"$context.authorizer.error","error":"$context.error.message","none":"$context.nonsense"}`,
		Log: slog.New(slog.NewTextHandler(&errs, nil)),
		Now: func() time.Time { return now },
	})
	base := map[string]any{
		"id": "JKJaXmPLvHcESHA=", "ip": "192.0.2.1", "agent": `say "hi"`, "at": "21/Nov/2026:09:20:00 +0000", "route": "POST /mcp", "path": "/mcp",
		"status": 202.0, "length": "5", "latency": "120", "function": "120", "functionStatus": "202", "functionError": "-",
		"key": "alice", "authorizerError": "-", "error": "-", "none": "-",
	}
	tests := []struct {
		name, path, key, body string
		differs               map[string]any
	}{
		{"served", "/mcp", key, "", nil},
		{"function failed", "/mcp", key, "boom", map[string]any{"status": 500.0, "length": "35", "functionStatus": "500", "functionError": `panic "at" tool.go:1`, "error": "Internal Server Error"}},
		{"no key", "/mcp", "", "", map[string]any{"status": 401.0, "length": "26", "latency": "0", "function": "-", "functionStatus": "-", "key": "-", "error": "Unauthorized"}},
		{"no route", "/%22x", key, "", map[string]any{"status": 404.0, "length": "23", "latency": "0", "function": "-", "functionStatus": "-", "key": "-", "error": "Not Found", "route": "-", "path": `/"x`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			now = time.Date(2026, 11, 21, 9, 20, 0, 0, time.UTC)
			access.Reset()
			headers := []string{"Content-Type", "application/json", "User-Agent", `say "hi"`}
			if tt.key != "" {
				headers = append(headers, "X-Api-Key", tt.key)
			}
			serve(api, request("POST", tt.path, tt.body, headers...))
			var got map[string]any
			if err := json.Unmarshal(access.Bytes(), &got); err != nil {
				t.Fatalf("%v: %s", err, access.String())
			}
			want := map[string]any{}
			for name, value := range base {
				want[name] = value
				if other, ok := tt.differs[name]; ok {
					want[name] = other
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if strings.Contains(access.String(), key) {
				t.Errorf("the log contains the key: %s", access.String())
			}
		})
	}
	if !strings.Contains(errs.String(), "tool.go:1") || strings.Contains(errs.String(), key) {
		t.Errorf("error log: %s", errs.String())
	}
}
