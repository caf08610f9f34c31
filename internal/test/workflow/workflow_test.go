package workflow

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

const (
	workflowFile = "../../../.github/workflows/deploy.yml.example"
	roleFile     = "../../../docs/deploy-role.yaml"
)

type workflow struct {
	On          map[string]any
	Permissions map[string]string
	Env         map[string]string
	Jobs        map[string]job
}

type job struct {
	If, Environment string
	Needs           string
	Permissions     map[string]string
	TimeoutMinutes  int `yaml:"timeout-minutes"`
	Steps           []step
}

type step struct {
	Name, Uses, Run, If string
	With, Env           map[string]string
}

func read[T any](t *testing.T, path string) T {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var v T
	if err := yaml.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestPrivileges: the code of a pull request runs without secrets and without access to AWS,
// and only the job that deploys can get a token for the role.
func TestPrivileges(t *testing.T) {
	w := read[workflow](t, workflowFile)
	if _, ok := w.On["pull_request_target"]; ok || len(w.On) != 2 {
		t.Errorf("runs on %v, want pull_request and push", w.On)
	}
	if diff := cmp.Diff(map[string]string{"contents": "read"}, w.Permissions); diff != "" {
		t.Errorf("permissions of all jobs (-want +got):\n%s", diff)
	}
	got := map[string]map[string]string{}
	for name, j := range w.Jobs {
		got[name] = j.Permissions
		if j.TimeoutMinutes == 0 {
			t.Errorf("job %s has no timeout", name)
		}
		if name != "deploy" && strings.Contains(text(j), "secrets.") {
			t.Errorf("job %s uses a secret", name)
		}
	}
	want := map[string]map[string]string{
		"test": nil, "compare": {"contents": "read", "pull-requests": "write"}, "deploy": {"contents": "read", "id-token": "write"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("permissions of each job (-want +got):\n%s", diff)
	}
	if d := w.Jobs["deploy"]; d.Environment != "production" || d.Needs != "test" || d.If != "github.event_name == 'push'" {
		t.Errorf("deploys in environment %q after %q if %q", d.Environment, d.Needs, d.If)
	}
	for name, value := range w.Env {
		if strings.Contains(value, "secrets.") {
			t.Errorf("%s is a secret that every job gets", name)
		}
	}
}

// text returns all values of a job's steps.
func text(j job) string {
	var b strings.Builder
	for _, s := range j.Steps {
		b.WriteString(s.Run + s.If + s.Uses)
		for _, m := range []map[string]string{s.With, s.Env} {
			for _, v := range m {
				b.WriteString(v)
			}
		}
	}
	return b.String()
}

// TestScripts: each script is valid and contains no expression, because an expression's value
// could contain commands.
func TestScripts(t *testing.T) {
	for name, j := range read[workflow](t, workflowFile).Jobs {
		for _, s := range j.Steps {
			if strings.Contains(s.Run, "${{") {
				t.Errorf("%s: %s: an expression in a script: %s", name, s.Name, s.Run)
			}
			if (s.Run == "") == (s.Uses == "") {
				t.Errorf("%s: %s: want either a script or an action", name, s.Name)
			}
			check := exec.Command("bash", "-n")
			check.Stdin = strings.NewReader(s.Run)
			if out, err := check.CombinedOutput(); err != nil {
				t.Errorf("%s: %s: %v: %s", name, s.Name, err, out)
			}
		}
	}
}

// TestGate: the job compares the tools before a deployment, and checks the deployment as a
// client afterwards.
func TestGate(t *testing.T) {
	var order []string
	for _, s := range read[workflow](t, workflowFile).Jobs["deploy"].Steps {
		for _, command := range []string{"mcpctl diff", "cdk deploy", "mcpctl doctor", "mcpctl ping"} {
			if strings.Contains(s.Run, command) {
				order = append(order, command)
				if needsKey := strings.HasPrefix(command, "mcpctl"); needsKey && s.Env["MCP_API_KEY"] == "" {
					t.Errorf("%s has no key", command)
				}
			}
		}
	}
	if diff := cmp.Diff([]string{"mcpctl diff", "cdk deploy", "mcpctl doctor", "mcpctl ping"}, order); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCompareTheTemplates runs the step that writes the comment about template changes.
func TestCompareTheTemplates(t *testing.T) {
	var script string
	for _, s := range read[workflow](t, workflowFile).Jobs["compare"].Steps {
		if s.Name == "Compare the templates" {
			script = s.Run
		}
	}
	dir := t.TempDir()
	for path, content := range map[string]string{
		"old/S.template.json": "{\n\"A\": 1\n}\n", "old/manifest.json": "{}", "new/S.template.json": "{\n\"A\": 2\n}\n", "new/T.template.json": "{}\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, path)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, path), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run := exec.Command("bash", "-e", "-o", "pipefail", "-c", script) // as GitHub runs it
	run.Dir = dir
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	comment, err := os.ReadFile(filepath.Join(dir, "comment.md"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(comment)) {
		if strings.HasPrefix(line, "-\"") || strings.HasPrefix(line, "+\"") || strings.HasPrefix(line, "+{") || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "```") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	want := []string{"### Changes of the CloudFormation template", "```diff", `-"A": 1`, `+"A": 2`, "+{}", "```"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("comment (-want +got):\n%s\n%s", diff, comment)
	}
}

// TestRole: only jobs of one environment of one repository can assume the role, and the role
// has exactly the permissions in docs/ci.md.
func TestRole(t *testing.T) {
	data, err := os.ReadFile(roleFile)
	if err != nil {
		t.Fatal(err)
	}
	var root map[string]any
	if err := yaml.Unmarshal(data, &root); err != nil {
		t.Fatal(err)
	}
	properties := at(root, "Resources", "Role", "Properties").(map[string]any)
	trust := at(properties, "AssumeRolePolicyDocument", "Statement").([]any)
	want := map[string]any{"StringEquals": map[string]any{
		"token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
		"token.actions.githubusercontent.com:sub": "repo:${Repository}:environment:${Environment}",
	}}
	if diff := cmp.Diff(want, at(trust[0], "Condition")); diff != "" || len(trust) != 1 || at(trust[0], "Action") != "sts:AssumeRoleWithWebIdentity" {
		t.Errorf("%d statements, action %v; condition (-want +got):\n%s", len(trust), at(trust[0], "Action"), diff)
	}
	var actions []string
	for _, policy := range properties["Policies"].([]any) {
		for _, s := range at(policy, "PolicyDocument", "Statement").([]any) {
			these := texts(at(s, "Action"))
			actions = append(actions, these...)
			for _, resource := range texts(at(s, "Resource")) {
				if resource == "*" && !slices.Equal(these, []string{"ecr:GetAuthorizationToken"}) || !strings.Contains(resource, "${AWS::AccountId}") && resource != "*" {
					t.Errorf("%v on %s", these, resource)
				}
			}
		}
	}
	slices.Sort(actions)
	allowed := []string{
		"cloudformation:DescribeStacks", "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload",
		"ecr:GetAuthorizationToken", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart", "sts:AssumeRole",
	}
	if diff := cmp.Diff(allowed, actions); diff != "" {
		t.Errorf("actions (-want +got):\n%s", diff)
	}
	page, err := os.ReadFile("../../../docs/ci.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, action := range []string{"sts:AssumeRole", "cloudformation:DescribeStacks", "ecr:GetAuthorizationToken` and six actions"} {
		if !strings.Contains(string(page), action) {
			t.Errorf("docs/ci.md does not mention %s", action)
		}
	}
}

// TestVariables: docs/ci.md explains every variable and secret of the workflow.
func TestVariables(t *testing.T) {
	data, err := os.ReadFile(workflowFile)
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../../docs/ci.md")
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`(?:vars|secrets)\.([A-Z0-9_]+)`).FindAllStringSubmatch(string(data), -1)
	if len(names) < 5 {
		t.Fatalf("found %v", names)
	}
	for _, name := range names {
		if !strings.Contains(string(page), "`"+name[1]+"`") {
			t.Errorf("docs/ci.md does not explain %s", name[1])
		}
	}
}

// at returns the value at a path of names in nested maps, or nil.
func at(v any, names ...string) any {
	for _, name := range names {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

// texts returns a string or a list of strings as a list.
func texts(v any) []string {
	if one, ok := v.(string); ok {
		return []string{one}
	}
	var all []string
	items, _ := v.([]any)
	for _, item := range items {
		one, _ := item.(string)
		all = append(all, one)
	}
	return all
}
