package gateway

import (
	"encoding/json"
	"testing"
	"time"

	"serverless-mcp/internal/test/golden"
)

// TestEvents compares both events of one request with golden files: every
// field that a function may read.
func TestEvents(t *testing.T) {
	authorizer, integration := responds(allow), responds(ok200)
	api := mustNew(t, Config{
		Routes: []Route{{Method: "POST", Path: "/mcp/{proxy+}", Integration: integration, Authorizer: &Authorizer{
			IdentitySource: []string{"$request.header.x-api-key", "$request.querystring.tenant", "$context.routeKey", "$stageVariables.color"},
			Function:       authorizer,
		}}},
		StageVariables: map[string]string{"color": "blue"},
		Now:            func() time.Time { return time.Date(2026, 11, 21, 9, 20, 1, 2e6, time.UTC) },
		APIID:          "a1b2c3",
	})
	r := request("POST", "https://a1b2c3.execute-api.us-east-1.amazonaws.com/mcp/caf%C3%A9/x%20y?tenant=t1&tag=a&tag=b%2Cc", `{"jsonrpc":"2.0"}`,
		"Content-Type", "application/json; charset=utf-8",
		"X-Api-Key", "k1",
		"Mcp-Name", "a, b", // a comma in one value
		"Accept", "application/json", "Accept", "text/event-stream", // two values
		"Cookie", "session=1; theme=dark", "Cookie", "third=3",
		"Connection", "keep-alive", "Te", "trailers",
		"X-Forwarded-For", "10.0.0.1",
		"X-Amzn-Trace-Id", "Root=1-67891233-abcdef012345678912345678",
		"User-Agent", "test/1")
	if res := serve(api, r); res.StatusCode != 200 {
		t.Fatalf("got %d", res.StatusCode)
	}
	golden.CheckJSON(t, "testdata/authorizer.golden", json.RawMessage(authorizer.events[0]))
	golden.CheckJSON(t, "testdata/integration.golden", json.RawMessage(integration.events[0]))
}

func TestEventBody(t *testing.T) {
	tests := []struct {
		contentType, body, want string
		isBase64                bool
	}{
		{"application/json", `{"a":"é"}`, `{"a":"é"}`, false},
		{"Application/JSON; charset=utf-8", `{}`, `{}`, false},
		{"text/event-stream", "data: x", "data: x", false},
		{"application/xml", "<a/>", "<a/>", false},
		{"application/javascript", "1", "1", false},
		{"", "{}", "e30=", true},
		{"application/x-www-form-urlencoded", "a=1", "YT0x", true},
		{"application/vnd.api+json", "{}", "e30=", true},
		{"application/octet-stream", "\x00\xff", "AP8=", true},
		{"application/json", "\xff", "/w==", true},
		{"application/octet-stream", "", "", false},
	}
	for _, tt := range tests {
		got, isBase64 := eventBody(tt.contentType, []byte(tt.body))
		if got != tt.want || isBase64 != tt.isBase64 {
			t.Errorf("%q %q: got %q, %v, want %q, %v", tt.contentType, tt.body, got, isBase64, tt.want, tt.isBase64)
		}
	}
}

// TestPathEndsAtDecodedQuestionMark: HTTP APIs do this; the gateway copies it.
func TestPathEndsAtDecodedQuestionMark(t *testing.T) {
	f := responds(ok200)
	api := mustNew(t, Config{Routes: []Route{{Method: "GET", Path: "/{proxy+}", Integration: f}}})
	serve(api, request("GET", "/users/me%3Fadmin=true?x=1", ""))
	var event struct{ RawPath, RawQueryString string }
	if err := json.Unmarshal(f.events[0], &event); err != nil {
		t.Fatal(err)
	}
	if event.RawPath != "/users/me" || event.RawQueryString != "x=1" {
		t.Errorf("got %+v", event)
	}
}
