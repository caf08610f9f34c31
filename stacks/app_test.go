package stacks

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/settings/dotenv"
)

// TestAppNeedsTheStacksName: with another name, "cdk destroy" would destroy another
// stack. (Other invalid settings must not prevent it, see package stacks.)
func TestAppNeedsTheStacksName(t *testing.T) {
	for _, variable := range []string{"STACK_NAME=a_b", "STAGE=Dev!"} {
		name, _, _ := strings.Cut(variable, "=")
		var stderr strings.Builder
		_, err := props([]string{variable, "THROTTLE_RATE=abc"}, &stderr)
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "THROTTLE_RATE") {
			t.Errorf("%s: error = %v, want one with both problems", variable, err)
		}
	}
}

// TestRemovedShapes compares the settings with the template of the last synthesis.
func TestRemovedShapes(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		template string // of the last synthesis; empty means none
		shapes   string
		want     []string
	}{
		{"", "stream", nil},
		{"not JSON", "stream", nil},
		{`{"Outputs":{"McpEndpoint":{},"ApiId":{}}}`, "http-api", nil},
		{`{"Outputs":{"McpEndpoint":{},"ApiId":{}}}`, "http-api,stream", nil},
		{`{"Outputs":{"McpEndpoint":{},"ApiId":{},"McpStreamEndpoint":{},"McpContainerEndpoint":{}}}`, "http-api", []string{"stream", "container"}},
		{`{"Outputs":{"ApiId":{},"McpStreamEndpoint":{}}}`, "stream", []string{"http-api"}},
	} {
		s, err := settings.Parse(map[string]string{"SHAPES": c.shapes, "STAGE": "dev"})
		if err != nil {
			t.Fatal(err)
		}
		if c.template != "" {
			if err := os.WriteFile(filepath.Join(dir, "McpServerStack-dev.template.json"), []byte(c.template), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := removedShapes([]string{"PATH=/bin", "CDK_OUTDIR=" + dir}, s); !slices.Equal(got, c.want) {
			t.Errorf("SHAPES=%s after %q: removed %q, want %q", c.shapes, c.template, got, c.want)
		}
	}
}

// TestHidesName: an invalid line only matters if it may set the stack's name.
func TestHidesName(t *testing.T) {
	for text, want := range map[string]bool{
		"nonsense": false, "API_KEY=\"x": false, "A=1\nA=2": false,
		"STACK_NAME Weather": true, "stage: dev": true, "STAGE=a\nSTAGE=b": true, "A=\xe9": true,
	} {
		values, err := dotenv.Parse([]byte(text))
		if err == nil || hidesName(values, err) != want {
			t.Errorf("%q (%v): hidesName = %t, want %t", text, err, !want, want)
		}
	}
	if hidesName(nil, nil) {
		t.Error("hidesName(nil, nil) = true")
	}
}

// TestMissingIcon: a file that cannot be read prevents deploying, but not "cdk destroy".
func TestMissingIcon(t *testing.T) {
	var stderr strings.Builder
	p, err := props([]string{"STACK_NAME=Weather", "SERVER_ICON=@missing.png"}, &stderr)
	if err != nil || p.Settings.FullStackName() != "Weather" || p.Problem == nil || !strings.Contains(p.Problem.Error(), "missing.png") {
		t.Errorf("stack %q, problem %v, error %v; want Weather, a problem with missing.png, and no error", p.Settings.FullStackName(), p.Problem, err)
	}
}

// TestNameable: STACK_NAME and STAGE must be valid, other settings need not.
func TestNameable(t *testing.T) {
	for _, c := range []struct {
		values map[string]string
		want   bool
	}{
		{nil, true},
		{map[string]string{"STACK_NAME": "Weather", "STAGE": "dev", "THROTTLE_RATE": "abc", "API_KEY": "weak"}, true},
		{map[string]string{"STACK_NAME": "a_b"}, false},
		{map[string]string{"STAGE": "Dev!"}, false},
	} {
		if got := nameable(c.values); got != c.want {
			t.Errorf("nameable(%v) = %t, want %t", c.values, got, c.want)
		}
	}
}

// TestFlags checks flags whose absence no other test would detect.
func TestFlags(t *testing.T) {
	data, err := os.ReadFile("../cdk.json")
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		App, Build                string
		Notices, VersionReporting *bool
		Context                   map[string]any
	}
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if got.App != "go run ." || got.Build != "go run ./internal/deploy/bundle/cmd" {
		t.Errorf("app %q, build %q", got.App, got.Build)
	}
	if got.Notices == nil || *got.Notices || got.VersionReporting == nil || *got.VersionReporting {
		t.Error("notices and versionReporting must be off: synthesis works offline")
	}
	for _, flag := range []string{
		"@aws-cdk/core:validateAgainstDefaultRules",   // synthesis fails for what CloudFormation would reject
		"@aws-cdk/core:annotationsInValidationReport", // invalid settings prevent deploying, but not destroying
		"@aws-cdk/core:checkSecretUsage",              // a secret in an output fails
		"@aws-cdk/aws-iam:minimizePolicies",
	} {
		if got.Context[flag] != true {
			t.Errorf("%s is %v, want true", flag, got.Context[flag])
		}
	}
}
