package stacks

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/test/golden"
)

// TestGolden has every combination of shapes.
func TestGolden(t *testing.T) {
	for name, file := range map[string]string{
		"chosen":              "testdata/template.golden.json",
		"stream":              "testdata/template-stream.golden.json",
		"both":                "testdata/template-http-api-stream.golden.json",
		"container":           "testdata/template-container.golden.json",
		"http-api, container": "testdata/template-http-api-container.golden.json",
		"stream, container":   "testdata/template-stream-container.golden.json",
		"everything":          "testdata/template-everything.golden.json",
	} {
		golden.Check(t, file, string(all[name].raw)+"\n")
	}
}

func TestTwoSynthsAreTheSame(t *testing.T) {
	a, b := files(t, all["chosen"].dir), files(t, all["again"].dir)
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("files of two synths (-first +second):\n%s", diff)
	}
}

// TestIDsArePinned: whoever changes one of these destroys, at the next deploy,
// what the resource holds.
func TestIDsArePinned(t *testing.T) {
	want := map[string]string{
		"Api":                     "ApiGatewayV2::Api", // the endpoint's URL
		"DefaultKey":              "SecretsManager::Secret",
		"IssuedKeys":              "SecretsManager::Secret",
		"ToolSecretB":             "SecretsManager::Secret",
		"ToolSecretUpstreamToken": "SecretsManager::Secret",
		"AccessLog":               "Logs::LogGroup",
		"AuthorizerLog":           "Logs::LogGroup",
		"McpLog":                  "Logs::LogGroup",
		"PageLog":                 "Logs::LogGroup",
		"Page":                    "Lambda::Function",
		"PageRole":                "IAM::Role",
		"Authorizer":              "Lambda::Function",
		"Mcp":                     "Lambda::Function",
		"AuthorizerRole":          "IAM::Role", // other accounts' policies may name the roles
		"McpRole":                 "IAM::Role",
	}
	if diff := cmp.Diff(want, stateful(all["full"])); diff != "" {
		t.Errorf("resources with state (-want +got):\n%s", diff)
	}
}

// stateful are the types of the resources that are something to somebody by
// their logical ids.
func stateful(result synthesised) map[string]string {
	got := map[string]string{}
	for id, r := range result.Resources {
		switch kind := strings.TrimPrefix(r.Type, "AWS::"); kind {
		case "ApiGatewayV2::Route", "ApiGatewayV2::Integration", "ApiGatewayV2::Authorizer", "ApiGatewayV2::Stage",
			"Lambda::Permission", "IAM::Policy":
			// Hold no state: another id costs nothing.
		default:
			got[id] = kind
		}
	}
	return got
}

func TestOutputs(t *testing.T) {
	for name, result := range all {
		want := map[string]bool{
			"McpEndpoint": true, "ApiKeySecretArn": true, "ApiKeyFingerprint": true,
			"IssuedKeysSecretArn": true, "NextStep": true, "KeysPolicy": true,
		}
		for _, shape := range parse(t, variants()[name]).Shapes {
			for _, output := range map[string][]string{
				settings.ShapeHTTPAPI:   {"ApiId", "AuthorizerLogGroup", "McpLogGroup"},
				settings.ShapeStream:    {"McpStreamEndpoint", "McpStreamLogGroup"},
				settings.ShapeContainer: {"McpContainerEndpoint", "McpContainerDomain", "McpContainerLogGroup"},
			}[shape] {
				want[output] = true
			}
		}
		switch name {
		case "none":
			delete(want, "ApiKeySecretArn")
		case "both", "everything":
			want["ToolSecretUpstreamTokenArn"] = true
		case "sign-in":
			for _, output := range []string{"SigninEndpoint", "SigninStreamEndpoint", "SigninContainerEndpoint", "PageUrl", "PageLogGroup"} {
				want[output] = true
			}
		case "full":
			want["BearerEndpoint"], want["PageUrl"], want["PageLogGroup"] = true, true, true
			want["ToolSecretBArn"], want["ToolSecretUpstreamTokenArn"] = true, true
			if got := result.Outputs["ToolSecretUpstreamTokenArn"].Description; got != "TOOL_SECRET_UPSTREAM_TOKEN" {
				t.Errorf("output of a tool's secret is described as %q, want the setting's name", got)
			}
		}
		got := map[string]bool{}
		for output := range result.Outputs {
			got[output] = true
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: outputs (-want +got):\n%s", name, diff)
		}
	}
}

// TestValidation: what CloudFormation would refuse in the middle of a deployment
// is found offline, because of a flag in cdk.json. The function of 64 MB, which
// settings.Parse would not let through, shows that it is.
func TestValidation(t *testing.T) {
	for name, result := range all {
		if result.findings != nil {
			t.Errorf("%s: %q", name, result.findings)
		}
	}
	s := parse(t, nil)
	s.MemoryMB = 64
	result, err := synthesise(filepath.Join(t.TempDir(), "out"), Props{Settings: s}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"error: McpServerStack/Mcp/Resource: MemorySize: 64 is less than the minimum of 128"}
	if diff := cmp.Diff(want, result.findings); diff != "" {
		t.Errorf("findings for a function of 64 MB (-want +got):\n%s", diff)
	}
}

// TestCDKNag also shows that the rules are applied, by a secret that breaks one.
// All combinations of shapes are among these.
func TestCDKNag(t *testing.T) {
	for _, name := range []string{"generated", "full", "stream", "both", "container", "everything", "http-api, container", "stream, container"} {
		s := parse(t, variants()[name])
		result, err := synthesise(filepath.Join(t.TempDir(), "out"), Props{Settings: s}, func(stack awscdk.Stack) {
			nag(stack)
			awssecretsmanager.NewCfnSecret(stack, jsii.String("Naive"), &awssecretsmanager.CfnSecretProps{})
		})
		if err != nil {
			t.Fatal(err)
		}
		if f := result.findings; len(f) != 1 || !strings.Contains(f[0], "/Naive: AwsSolutions-SMG4") {
			t.Errorf("%s: findings = %q, want only the one of the test's own secret", name, f)
		}
	}
}

// TestSuppressionsHaveReasons looks at what TestCDKNag does not see.
func TestSuppressionsHaveReasons(t *testing.T) {
	for name, result := range all {
		for id, r := range result.Resources {
			nag, _ := r.Metadata["cdk_nag"].(map[string]any)
			for _, rule := range list(nag["rules_to_suppress"]) {
				if reason, _ := rule.(map[string]any)["reason"].(string); len(reason) < 40 {
					t.Errorf("%s: %s suppresses %v with the reason %q: say more", name, id, rule, reason)
				}
			}
		}
	}
}

func TestAProblemBlocksDeployingOnly(t *testing.T) {
	s := parse(t, map[string]string{"STAGE": "dev"})
	p := Props{Settings: s, Problem: errors.New("configuration: THROTTLE_RATE is odd")}
	result, err := synthesise(filepath.Join(t.TempDir(), "out"), p, nil)
	if err != nil {
		t.Fatalf("the app must not fail, or nothing can be destroyed: %v", err)
	}
	want := []string{"error: McpServerStack-dev: configuration: THROTTLE_RATE is odd"}
	if diff := cmp.Diff(want, result.findings); diff != "" {
		t.Errorf("errors that the CLI refuses to deploy with (-want +got):\n%s", diff)
	}
}

func parse(t *testing.T, values map[string]string) settings.Settings {
	t.Helper()
	s, err := settings.Parse(values)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// files are all files below dir by their path.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, path))
		found[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
