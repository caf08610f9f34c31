package stacks

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/test/golden"
)

// TestGolden compares three templates, which together have each kind of resource.
// TestCombinations covers the other combinations of shapes.
func TestGolden(t *testing.T) {
	for name, file := range map[string]string{
		"chosen":     "template-http-api.golden.json",
		"stream":     "template-stream.golden.json",
		"everything": "template-everything.golden.json",
	} {
		golden.Check(t, filepath.Join("testdata", file), string(all[name].raw)+"\n")
	}
}

// TestCombinations: the resources of several shapes are those of each shape alone,
// unchanged. So a shape can be added or removed while another is in use.
func TestCombinations(t *testing.T) {
	alone := map[string]string{"http-api": "chosen", "stream": "stream", "container": "container"}
	for _, name := range []string{"http-api, stream", "http-api, container", "stream, container"} {
		want := map[string]resource{}
		for _, shape := range strings.Split(name, ", ") {
			maps.Copy(want, all[alone[shape]].Resources)
		}
		if diff := cmp.Diff(want, all[name].Resources); diff != "" {
			t.Errorf("%s (-each shape alone +combined):\n%s", name, diff)
		}
	}
}

// TestFeatures: all optional features together have the same resources as each alone. Only
// alarms depend on other features. Other tests compare the resources that several features
// change, such as the servers' environment.
func TestFeatures(t *testing.T) {
	changed := []string{"AWS::Lambda::Function", "AWS::ECS::TaskDefinition", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::CloudWatch::Dashboard", "AWS::ApiGatewayV2::Stage", "AWS::SecretsManager::Secret"}
	want := map[string]resource{}
	for _, name := range []string{"jobs", "limits", "alarms", "sign-in"} { // the last one has CORS
		maps.Copy(want, all[name].Resources)
	}
	got := maps.Clone(all["features"].Resources)
	for _, resources := range []map[string]resource{want, got} {
		maps.DeleteFunc(resources, func(id string, r resource) bool { return slices.Contains(changed, r.Type) })
	}
	for _, id := range []string{"JobThrottled", "JobFailed", "JobSlow", "JobsDropped", "JobsWaiting", "LimitsUnavailable"} {
		if _, ok := got[id]; !ok {
			t.Errorf("there is no alarm %s", id)
		}
		delete(got, id)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("resources (-each feature alone +together):\n%s", diff)
	}
}

func TestTwoSynthsAreTheSame(t *testing.T) {
	a, b := files(t, all["chosen"].dir), files(t, all["again"].dir)
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("files of two synths (-first +second):\n%s", diff)
	}
}

// TestIDsArePinned: another logical id would delete, at the next deployment, the
// resource with its URL, keys or logs.
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
		"Stage":                   "ApiGatewayV2::Stage",
	}
	if diff := cmp.Diff(want, stateful(all["full"])); diff != "" {
		t.Errorf("resources with state (-want +got):\n%s", diff)
	}
	for id, kind := range map[string]string{
		"ApiDomain": "ApiGatewayV2::DomainName", "ApiMapping": "ApiGatewayV2::ApiMapping",
		"StreamFront": "CloudFront::Distribution", "Front": "CloudFront::Distribution", "Origin": "CloudFront::VpcOrigin",
		"Balancer": "ElasticLoadBalancingV2::LoadBalancer", "BalancerListener": "ElasticLoadBalancingV2::Listener",
		"Network": "EC2::VPC", "Cluster": "ECS::Cluster", "McpContainer": "ECS::Service", "McpContainerLog": "Logs::LogGroup",
		"McpContainerRole": "IAM::Role", "McpContainerExecutionRole": "IAM::Role", "SessionSecret": "SecretsManager::Secret",
	} {
		if got := all["everything"].Resources[id].Type; got != "AWS::"+kind {
			t.Errorf("everything: %s is %q, want %s", id, got, kind)
		}
	}
}

// stateful returns the types, by logical id, of the resources whose replacement
// would be noticed.
func stateful(result synthesized) map[string]string {
	got := map[string]string{}
	for id, r := range result.Resources {
		switch kind := strings.TrimPrefix(r.Type, "AWS::"); kind {
		case "ApiGatewayV2::Route", "ApiGatewayV2::Integration", "ApiGatewayV2::Authorizer",
			"Lambda::Permission", "IAM::Policy":
			// No state: another id has no effect.
		default:
			got[id] = kind
		}
	}
	return got
}

func TestOutputs(t *testing.T) {
	for name, result := range everySynthesis() {
		got := map[string]bool{}
		for output := range result.Outputs {
			got[output] = true
		}
		if diff := cmp.Diff(outputsOf(result.settings), got); diff != "" {
			t.Errorf("%s: outputs (-want +got):\n%s", name, diff)
		}
	}
	if got := all["full"].Outputs["ToolSecretUpstreamTokenArn"].Description; got != "TOOL_SECRET_UPSTREAM_TOKEN" {
		t.Errorf("description of a tool secret's output is %q, want the setting's name", got)
	}
}

// outputsOf returns the names of the outputs that settings require.
func outputsOf(s settings.Settings) map[string]bool {
	want := map[string]bool{}
	add := func(on bool, outputs ...string) {
		for _, output := range outputs {
			if on {
				want[output] = true
			}
		}
	}
	add(true, "McpEndpoint", "ApiKeyFingerprint", "KeyFields", "IssuedKeysSecretArn", "NextStep", "KeysPolicy")
	add(s.APIKey != settings.NoKey, "ApiKeySecretArn")
	add(s.KeyLimits, "KeyLimitsTable")
	add(s.Jobs, "JobsTable", "JobLogGroup")
	add(s.BearerRoute && s.Has(settings.ShapeHTTPAPI), "BearerEndpoint")
	add(s.PublicPage, "PageUrl", "PageLogGroup")
	add(s.Watch.Alarms && s.Watch.Email != "", "AlarmTopicArn")
	add(s.Watch.Alarms || s.HasMetrics(), "DashboardUrl")
	add(s.Signin.Issuer == settings.CognitoIssuer, "SigninIssuer", "SigninUserPoolId", "SigninClientId")
	for secret := range s.ToolSecrets {
		add(true, settings.ToolSecretID(secret)+"Arn")
	}
	for shape, outputs := range map[string]struct {
		always         []string
		signin, domain string
	}{
		settings.ShapeHTTPAPI:   {[]string{"ApiId", "AuthorizerLogGroup", "McpLogGroup"}, "SigninEndpoint", "ApiDomainTarget"},
		settings.ShapeStream:    {[]string{"McpStreamEndpoint", "McpStreamLogGroup"}, "SigninStreamEndpoint", "McpStreamDomainTarget"},
		settings.ShapeContainer: {[]string{"McpContainerEndpoint", "McpContainerLogGroup", "McpContainerService"}, "SigninContainerEndpoint", "McpContainerDomainTarget"},
	} {
		add(s.Has(shape), outputs.always...)
		add(s.Has(shape) && s.Signin.On(), outputs.signin)
		add(s.DomainOf(shape) != "" && s.Domain.HostedZone == "", outputs.domain)
	}
	return want
}

// TestValidation: synthesis finds what CloudFormation would reject during the
// deployment, because of a flag in cdk.json. A function of 64 MB, which
// settings.Parse rejects, shows that the flag works. The findings include those of
// cdk-nag: see [TestCDKNag].
func TestValidation(t *testing.T) {
	for name, result := range everySynthesis() {
		if result.findings != nil {
			t.Errorf("%s: %q", name, result.findings)
		}
	}
	s := parse(t, nil)
	s.MemoryMB = 64
	result, err := synthesize(filepath.Join(t.TempDir(), "out"), Props{Settings: s}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"error: McpServerStack/Mcp/Resource: MemorySize: 64 is less than the minimum of 128"}
	if diff := cmp.Diff(want, result.findings); diff != "" {
		t.Errorf("findings for a function of 64 MB (-want +got):\n%s", diff)
	}
}

// TestCDKNag adds a secret that breaks a rule, to show that the rules are applied to every
// synthesis. TestValidation fails for each other finding.
func TestCDKNag(t *testing.T) {
	result, err := synthesize(filepath.Join(t.TempDir(), "out"), Props{Settings: parse(t, nil)}, func(stack awscdk.Stack) {
		nag(stack)
		awssecretsmanager.NewCfnSecret(stack, jsii.String("Naive"), &awssecretsmanager.CfnSecretProps{})
	})
	if err != nil {
		t.Fatal(err)
	}
	if f := result.findings; len(f) != 1 || !strings.Contains(f[0], "/Naive: AwsSolutions-SMG4") {
		t.Errorf("findings = %q, want only the one of the test's own secret", f)
	}
}

// TestSuppressionsAreNeeded removes all suppressions: the findings must then be the
// suppressed ones, rule by rule and resource by resource. So no suppression hides a
// later fault, and a new one must have an entry here with its resource.
func TestSuppressionsAreNeeded(t *testing.T) {
	for _, name := range []string{"full", "everything", "container", "cognito", "features"} {
		want := map[string]int{} // resources by rule
		for id, r := range all[name].Resources {
			nag, _ := r.Metadata["cdk_nag"].(map[string]any)
			for _, rule := range list(nag["rules_to_suppress"]) {
				reason, _ := rule.(map[string]any)["reason"].(string)
				if len(strings.Fields(reason)) < 6 || !strings.HasSuffix(reason, ".") {
					t.Errorf("%s: %s suppresses %v with the reason %q, want a sentence", name, id, rule, reason)
				}
				want[rule.(map[string]any)["id"].(string)]++
			}
		}
		result, err := synthesize(filepath.Join(t.TempDir(), "out"), Props{Settings: parse(t, variants()[name])}, func(stack awscdk.Stack) {
			nag(stack)
			for _, c := range *stack.Node().FindAll(constructs.ConstructOrder_PREORDER) {
				if r, ok := c.(awscdk.CfnResource); ok && r.GetMetadata(jsii.String("cdk_nag")) != nil {
					r.AddMetadata(jsii.String("cdk_nag"), map[string]any{"rules_to_suppress": []any{}})
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]map[string]bool{} // constructs by rule
		for _, f := range result.findings {
			parts := strings.SplitN(f, ": ", 3)
			rule := regexp.MustCompile(`^AwsSolutions-[A-Z0-9]+`).FindString(parts[2])
			if found[rule] == nil {
				found[rule] = map[string]bool{}
			}
			found[rule][parts[1]] = true
		}
		got := map[string]int{}
		for rule, paths := range found {
			got[rule] = len(paths)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: resources by rule (-suppressed +found):\n%s\n%s", name, diff, strings.Join(result.findings, "\n"))
		}
	}
}

// TestProblemBlocksDeployingOnly: a stack with invalid settings can be destroyed.
func TestProblemBlocksDeployingOnly(t *testing.T) {
	s := parse(t, map[string]string{"STAGE": "dev"})
	p := Props{Settings: s, Problem: errors.New("configuration: THROTTLE_RATE is odd")}
	result, err := synthesize(filepath.Join(t.TempDir(), "out"), p, nil)
	if err != nil {
		t.Fatalf("the app must not fail, or the stack cannot be destroyed: %v", err)
	}
	want := []string{"error: McpServerStack-dev: configuration: THROTTLE_RATE is odd"}
	if diff := cmp.Diff(want, result.findings); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
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

// files returns the contents of all files below dir by path.
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
