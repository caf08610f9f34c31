package gateway

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCORS(t *testing.T) {
	cors := &CORS{
		AllowOrigins:  []string{"https://a.example", "http://*"},
		AllowMethods:  []string{"POST", "GET"},
		AllowHeaders:  []string{"content-type", "x-api-key"},
		ExposeHeaders: []string{"mcp-session-id"},
		MaxAge:        time.Hour,
	}
	f := responds(`{"statusCode":200,"headers":{"access-control-allow-origin":"https://evil.example","access-control-allow-headers":"*"}}`)
	auth := keyAuthorizer(responds(allow), 0)
	api := mustNew(t, Config{CORS: cors, Routes: []Route{
		{Method: "POST", Path: "/mcp", Integration: f, Authorizer: auth},
		{Method: "ANY", Path: "/any", Integration: f, Authorizer: auth},
		{Method: "ANY", Path: "/open", Integration: f},
	}})
	const origin, method = "Origin", "Access-Control-Request-Method"
	preflight := map[string]string{
		"Access-Control-Allow-Origin":  "https://a.example",
		"Access-Control-Allow-Methods": "POST,GET",
		"Access-Control-Allow-Headers": "content-type,x-api-key",
		"Access-Control-Max-Age":       "3600",
	}
	tests := []struct {
		name    string
		request *http.Request
		status  int
		want    map[string]string // all Access-Control headers
	}{
		{"preflight", request("OPTIONS", "/mcp", "", origin, "https://a.example", method, "POST"), 204, preflight},
		{"preflight of an open ANY", request("OPTIONS", "/open", "", origin, "https://a.example", method, "POST"), 204, preflight},
		{"the trap: a route for ANY with an authorizer gets the preflight", request("OPTIONS", "/any", "", origin, "https://a.example", method, "POST"), 401, nil},
		{"origin not allowed", request("OPTIONS", "/mcp", "", origin, "https://b.example", method, "POST"), 204, nil},
		{"no preflight without its header", request("OPTIONS", "/mcp", "", origin, "https://a.example"), 404, nil},
		{"no preflight without an origin", request("OPTIONS", "/mcp", "", method, "POST"), 404, nil},
		{"response", request("POST", "/mcp", "", origin, "http://localhost:6274", "X-Api-Key", "k"), 200, map[string]string{
			"Access-Control-Allow-Origin": "http://localhost:6274", "Access-Control-Expose-Headers": "mcp-session-id"}},
		{"response to another origin", request("POST", "/mcp", "", origin, "https://b.example", "X-Api-Key", "k"), 200, nil},
		{"response without an origin", request("POST", "/mcp", "", "X-Api-Key", "k"), 200, nil},
		{"rejections have no CORS headers", request("POST", "/mcp", "", origin, "https://a.example"), 401, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res := serve(api, tt.request)
			if res.StatusCode != tt.status {
				t.Errorf("got %d, want %d", res.StatusCode, tt.status)
			}
			if diff := cmp.Diff(tt.want, corsHeaders(res.Header)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func corsHeaders(h http.Header) map[string]string {
	var found map[string]string
	for name, values := range h {
		if strings.HasPrefix(name, "Access-Control-") || name != http.CanonicalHeaderKey(name) {
			if found == nil {
				found = map[string]string{}
			}
			found[name] = strings.Join(values, "|")
		}
	}
	return found
}

// TestNoCORS: without a configuration the function's CORS headers are forwarded, and
// preflights are routed like other requests.
func TestNoCORS(t *testing.T) {
	api := mustNew(t, Config{Routes: []Route{{
		Method: "POST", Path: "/mcp", Integration: responds(`{"statusCode":200,"headers":{"access-control-allow-origin":"*"}}`)}}})
	if res := serve(api, request("OPTIONS", "/mcp", "", "Origin", "https://a.example", "Access-Control-Request-Method", "POST")); res.StatusCode != 404 {
		t.Errorf("preflight got %d, want 404", res.StatusCode)
	}
	if res := serve(api, request("POST", "/mcp", "", "Origin", "https://a.example")); res.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("got %v", res.Header)
	}
}

func TestAllowAllOrigins(t *testing.T) {
	c := &CORS{AllowOrigins: []string{"*"}, AllowCredentials: true}
	h := c.preflight(request("OPTIONS", "/", "", "Origin", "https://x")).header
	want := http.Header{"Access-Control-Allow-Origin": {"*"}, "Access-Control-Allow-Credentials": {"true"}}
	if diff := cmp.Diff(want, h); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
