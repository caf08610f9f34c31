package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"serverless-mcp/internal/devserver/local"
)

// TestToolCallsAWS: a tool that calls AWS (lookup_user with a table) gets region,
// credentials and endpoint in each shape.
func TestToolCallsAWS(t *testing.T) {
	needSamples(t)
	t.Parallel()
	dynamo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !strings.Contains(r.Header.Get("Authorization"), "Credential=local/") || !strings.Contains(r.Header.Get("Authorization"), "/us-east-1/dynamodb/") {
			t.Errorf("signed with %q", r.Header.Get("Authorization"))
		}
		if !strings.Contains(string(body), `"TableName":"people"`) {
			t.Errorf("requested %s", body)
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = io.WriteString(w, `{"Item":{"user_id":{"S":"u-1"},"name":{"S":"Ada"},"active":{"BOOL":true}}}`)
	}))
	defer dynamo.Close()
	for _, deployment := range []string{"plain", "stream", "container"} {
		s := start(t, deployment, built.samples, func(top *local.Topology, _ *local.Options) {
			environments := []map[string]string{top.Container.Env}
			for _, f := range top.Functions {
				environments = append(environments, f.Env)
			}
			for _, env := range environments {
				if env["SERVER_NAME"] != "" {
					env["TOOL_USERS_TABLE"], env["AWS_ENDPOINT_URL_DYNAMODB"] = "people", dynamo.URL
				}
			}
		})
		got, failure := s.call(t, deploymentKey, "lookup_user", `{"user_id":"u-1"}`)
		if got["name"] != "Ada" || got["source"] != "dynamodb" {
			t.Errorf("%s: %v %s", deployment, got, failure)
		}
	}
}
