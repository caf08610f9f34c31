package keycheck_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"serverless-mcp/internal/hosting/keycheck"
	"serverless-mcp/internal/hosting/lambdahttp"
	"serverless-mcp/internal/mcp/mcphttp"
)

// Only a complete result of our authorizer gives a principal. Everything else is
// rejected, above all results in which a missing field could be read as "all tools
// allowed".
func TestFromAuthorizer(t *testing.T) {
	for name, test := range map[string]struct{ event, keyID string }{
		"valid":         {`{"requestContext":{"authorizer":{"lambda":{"keyId":"ci","tools":"*"}}}}`, "ci"},
		"no authorizer": {`{}`, ""},
		"empty result":  {`{"requestContext":{"authorizer":{"lambda":{}}}}`, ""},
		"other kind":    {`{"requestContext":{"authorizer":{"jwt":{"claims":{"keyId":"ci","tools":"*"}}}}}`, ""},
		"no key":        {`{"requestContext":{"authorizer":{"lambda":{"tools":"*"}}}}`, ""},
		"no scope":      {`{"requestContext":{"authorizer":{"lambda":{"keyId":"ci"}}}}`, ""},
		"bad expiry":    {`{"requestContext":{"authorizer":{"lambda":{"keyId":"ci","tools":"*","expires":"soon"}}}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var event lambdahttp.Event
			if err := json.Unmarshal([]byte(test.event), &event); err != nil {
				t.Fatal(err)
			}
			h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				p, err := keycheck.FromAuthorizer(r)
				if p.KeyID != test.keyID || errors.Is(err, mcphttp.ErrForbidden) != (test.keyID == "") {
					t.Errorf("%s: got %+v, %v; want %q", test.event, p, err, test.keyID)
				}
			})
			if response, _ := lambdahttp.Buffered(h, nil)(t.Context(), event); response.StatusCode != 200 {
				t.Errorf("%s: panic", test.event)
			}
		})
	}
	if _, err := keycheck.FromAuthorizer(httptest.NewRequest("POST", "/mcp", nil)); !errors.Is(err, mcphttp.ErrForbidden) {
		t.Errorf("without an event: %v, want ErrForbidden", err)
	}
}
