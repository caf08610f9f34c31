package local_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/settings"
)

// TestGoldenTemplates: the topology from the settings equals that of the stack's golden
// templates. (The end-to-end tests compare further templates, which they synthesize.)
func TestGoldenTemplates(t *testing.T) {
	const (
		image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/mcp@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
		cert  = ":123456789012:certificate/12345678-1234-1234-1234-123456789012"
	)
	for file, values := range map[string]map[string]string{
		"template-http-api.golden.json": {},
		"template-stream.golden.json":   {"SHAPES": "stream", "STREAM_TIMEOUT_SECONDS": "300"},
		"template-everything.golden.json": {
			"SHAPES": "http-api,stream,container", "CONTAINER_IMAGE": image, "ARCHITECTURE": "x86_64",
			"CONTAINER_CPU": "1024", "CONTAINER_MIN_TASKS": "2", "CONTAINER_MAX_TASKS": "9", "CONTAINER_SESSIONS": "stateful",
			"NETWORK": "public", "TOOL_GREETING": "hello", "TOOL_SECRET_UPSTREAM_TOKEN": "",
			"DOMAIN_NAME": "mcp.example.com", "CERTIFICATE_ARN": "arn:aws:acm:us-east-1" + cert + ",arn:aws:acm:eu-central-1" + cert,
			"DISABLE_DEFAULT_ENDPOINT": "true",
		},
	} {
		data, err := os.ReadFile(filepath.Join("../../../stacks/testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		deployed, err := local.FromTemplate(data)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		// The example in custom.go passes the name of its table to the tools.
		if table := idOf(t, data, "AWS::DynamoDB::GlobalTable"); table != "" {
			values["TOOL_USERS_TABLE"] = table
		}
		s, err := settings.Parse(values)
		if err != nil {
			t.Fatal(err)
		}
		here, err := local.FromSettings(s)
		if err != nil {
			t.Fatal(err)
		}
		// The key of the templates is not in this test.
		delete(deployed.Secrets, local.DefaultKeyID)
		delete(here.Secrets, local.DefaultKeyID)
		if diff := cmp.Diff(deployed, here); diff != "" {
			t.Errorf("%s (-template +settings):\n%s", file, diff)
		}
	}
}

// idOf returns the logical id of a template's resource of a type, "" if there is none.
func idOf(t *testing.T, data []byte, kind string) string {
	t.Helper()
	var template struct {
		Resources map[string]struct{ Type string }
	}
	if err := json.Unmarshal(data, &template); err != nil {
		t.Fatal(err)
	}
	for id, r := range template.Resources {
		if r.Type == kind {
			return id
		}
	}
	return ""
}
