package mcphttp_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"serverless-mcp/internal/hosting/lambdahttp"
	"serverless-mcp/internal/mcp/mcphttp"
)

// Only the verdict of our own authorizer says who is asking. All else is
// refused, above all what reads like "everything allowed" by its absence.
func TestFromAuthorizer(t *testing.T) {
	for name, test := range map[string]struct{ event, keyID string }{
		"verdict":       {`{"requestContext":{"authorizer":{"lambda":{"keyId":"ci","tools":"*"}}}}`, "ci"},
		"no authorizer": {`{}`, ""},
		"empty verdict": {`{"requestContext":{"authorizer":{"lambda":{}}}}`, ""},
		"other kind":    {`{"requestContext":{"authorizer":{"jwt":{"claims":{"keyId":"ci","tools":"*"}}}}}`, ""},
		"no key":        {`{"requestContext":{"authorizer":{"lambda":{"tools":"*"}}}}`, ""},
		"no scope":      {`{"requestContext":{"authorizer":{"lambda":{"keyId":"ci"}}}}`, ""},
		"bad end":       {`{"requestContext":{"authorizer":{"lambda":{"keyId":"ci","tools":"*","expires":"soon"}}}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var event events.APIGatewayV2HTTPRequest
			if err := json.Unmarshal([]byte(test.event), &event); err != nil {
				t.Fatal(err)
			}
			h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				p, err := mcphttp.FromAuthorizer(r)
				if p.KeyID != test.keyID || errors.Is(err, mcphttp.ErrForbidden) != (test.keyID == "") {
					t.Errorf("%s: got %+v, %v; want %q", test.event, p, err, test.keyID)
				}
			})
			if response, _ := lambdahttp.Buffered(h, nil)(t.Context(), event); response.StatusCode != 200 {
				t.Errorf("%s: panic", test.event)
			}
		})
	}
	if _, err := mcphttp.FromAuthorizer(httptest.NewRequest("POST", "/mcp", nil)); !errors.Is(err, mcphttp.ErrForbidden) {
		t.Errorf("a principal came from nowhere: %v", err)
	}
}
