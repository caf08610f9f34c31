package gateway

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestDomain: the custom domain and the default endpoint lead to the same routes, and the
// function's event contains the host name. If the default endpoint is disabled, requests to
// other hosts do not reach the authorizer.
func TestDomain(t *testing.T) {
	for _, test := range []struct {
		disabled   bool
		host       string
		wantStatus int
	}{
		{false, "mcp.example.com", 200},
		{false, "local.execute-api.us-east-1.amazonaws.com", 200},
		{true, "mcp.example.com", 200},
		{true, "MCP.example.com:8443", 200},
		{true, "local.execute-api.us-east-1.amazonaws.com", 404},
		{true, "127.0.0.1:3000", 404},
		{true, "", 404},
		{true, "mcp.example.com.evil.example", 404},
	} {
		authorizer, f := responds(allow), responds(ok200)
		api := mustNew(t, Config{
			Domain: "mcp.example.com", DisableEndpoint: test.disabled,
			Routes: []Route{{Method: "POST", Path: "/mcp", Integration: f, Authorizer: keyAuthorizer(authorizer, 0)}},
		})
		r := httptest.NewRequest(http.MethodPost, "/mcp", nil)
		r.Host = test.host
		r.Header.Set("X-Api-Key", "k")
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		if w.Code != test.wantStatus {
			t.Errorf("host %q, default endpoint disabled %t: status %d, want %d", test.host, test.disabled, w.Code, test.wantStatus)
		}
		if reached := test.wantStatus == 200; authorizer.calls() > 0 != reached || f.calls() > 0 != reached {
			t.Errorf("host %q: %d authorizer calls, %d function calls", test.host, authorizer.calls(), f.calls())
		}
		if f.calls() == 0 {
			continue
		}
		var event struct {
			RequestContext struct{ DomainName string }
		}
		if err := json.Unmarshal(f.events[0], &event); err != nil || event.RequestContext.DomainName != test.host {
			t.Errorf("domainName = %q, %v; want %q", event.RequestContext.DomainName, err, test.host)
		}
	}
}
