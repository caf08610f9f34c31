package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/keys/apikey"
)

// TestExampleOfCustom runs the golden template that includes everything, including the
// example of stacks/custom.go, and calls lookup_user, which reads the example's table by the
// key that the example declares. The template has a domain name and no default endpoint.
func TestExampleOfCustom(t *testing.T) {
	needSamples(t)
	t.Parallel()
	template, err := os.ReadFile("../../../stacks/testdata/template-everything.golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var declared struct {
		Resources map[string]struct {
			Type       string
			Properties struct {
				KeySchema []struct{ AttributeName string }
			}
		}
	}
	if err := json.Unmarshal(template, &declared); err != nil {
		t.Fatal(err)
	}
	var table, key string
	for id, r := range declared.Resources {
		if r.Type == "AWS::DynamoDB::GlobalTable" {
			table, key = id, r.Properties.KeySchema[0].AttributeName
		}
	}
	dynamo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request struct {
			TableName string
			Key       map[string]map[string]string
		}
		body, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(body, &request); err != nil || request.TableName != table || request.Key[key]["S"] != "u-1" || len(request.Key) != 1 {
			t.Errorf("requested %s, want user u-1 by %s of table %s", body, key, table)
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = io.WriteString(w, `{"Item":{"user_id":{"S":"u-1"},"name":{"S":"Ada"},"active":{"BOOL":true}}}`)
	}))
	defer dynamo.Close()
	system := startTemplate(t, template, built.samples.get(t), func(top *local.Topology, _ *local.Options) {
		for id, f := range top.Functions {
			if id != local.AuthorizerID {
				f.Env["AWS_ENDPOINT_URL_DYNAMODB"] = dynamo.URL
			}
		}
		// The template contains the hash of another key.
		document, err := apikey.DefaultDocument(apikey.Hash(deploymentKey)).Marshal()
		if err != nil {
			t.Fatal(err)
		}
		top.Secrets[local.DefaultKeyID] = local.Secret{Value: string(document)}
	})
	for host, want := range map[string]string{
		"mcp.example.com": `"name":"Ada"`, "api.execute-api.eu-central-1.amazonaws.com": `{"message":"Not Found"}`,
	} {
		body := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"lookup_user","arguments":{"user_id":"u-1"}}}`
		r, err := http.NewRequest(http.MethodPost, system.URL+"/mcp", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json, text/event-stream")
		r.Header.Set("X-Api-Key", deploymentKey)
		r.Header.Set("Mcp-Protocol-Version", "2025-11-25")
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if !strings.Contains(string(got), want) {
			t.Errorf("host %s: %d %s, want %s", host, resp.StatusCode, got, want)
		}
	}
}
