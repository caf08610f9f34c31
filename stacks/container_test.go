package stacks

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	containerImage = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/mcp@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	certificate    = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
)

// containers are the variants with a container, by name.
func containers() map[string]synthesised {
	found := map[string]synthesised{}
	for name, result := range all {
		if _, ok := result.Resources["McpContainer"]; ok {
			found[name] = result
		}
	}
	return found
}

// at is what is found in nested objects on the way of names; nil if nothing is.
// Of a list it takes the only item.
func at(v any, names ...string) any {
	for _, name := range names {
		if items, ok := v.([]any); ok {
			if len(items) != 1 {
				return nil
			}
			v = items[0]
		}
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

// TestContainerNeedsAnImage: without one it can be listed and destroyed, and is
// told what to do, but not deployed.
func TestContainerNeedsAnImage(t *testing.T) {
	s := parse(t, map[string]string{"SHAPES": "container"})
	result, err := synthesise(filepath.Join(t.TempDir(), "out"), Props{Settings: s}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"error: McpServerStack: SHAPES has container, which needs an image: run go tool mcpctl image --push, and put the line that it prints into .env"}
	if diff := cmp.Diff(want, result.findings); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestTask(t *testing.T) {
	ref := func(id string) map[string]any { return map[string]any{"Ref": id} }
	for name, want := range map[string]struct {
		cpu, memory, processor string
		env                    map[string]any
	}{
		"container": {"256", "512", "ARM64", map[string]any{"GOMEMLIMIT": "460MiB"}},
		"everything": {"1024", "2048", "X86_64", map[string]any{
			"TOOL_GREETING": "hello", "TOOL_SECRET_UPSTREAM_TOKEN": ref("ToolSecretUpstreamToken"), "SESSION_SECRET": ref("SessionSecret"),
			"GOMEMLIMIT": "1843MiB",
		}},
	} {
		p := all[name].Resources[one(t, all[name], "ECS::TaskDefinition")].Properties
		if p["Cpu"] != want.cpu || p["Memory"] != want.memory || at(p, "RuntimePlatform", "CpuArchitecture") != want.processor {
			t.Errorf("%s: size %v, %v, %v", name, p["Cpu"], p["Memory"], p["RuntimePlatform"])
		}
		c := at(p, "ContainerDefinitions").([]any)[0].(map[string]any)
		got := map[string]any{}
		for _, v := range c["Environment"].([]any) {
			got[at(v, "Name").(string)] = at(v, "Value")
		}
		for variable, value := range map[string]any{
			"DEFAULT_KEY_SECRET": ref("DefaultKey"), "ISSUED_KEYS_SECRET": ref("IssuedKeys"), "LOG_LEVEL": "info",
			"SERVER_NAME": "serverless-mcp", "ALLOWED_ORIGINS": "", "AWS_REGION": ref("AWS::Region"),
		} {
			want.env[variable] = value
		}
		if diff := cmp.Diff(want.env, got); diff != "" {
			t.Errorf("%s: environment (-want +got):\n%s", name, diff)
		}
		for property, value := range map[string]any{"ReadonlyRootFilesystem": true, "User": "65532:65532", "Privileged": nil, "StopTimeout": 120.0} {
			if c[property] != value {
				t.Errorf("%s: %s = %v, want %v", name, property, c[property], value)
			}
		}
		if image, _ := json.Marshal(c["Image"]); !strings.Contains(string(image), "/team/mcp@sha256:0123456789abcdef") {
			t.Errorf("%s: image %s", name, image)
		}
		if group := at(c, "LogConfiguration", "Options", "awslogs-group"); !cmp.Equal(group, any(ref("McpContainerLog"))) {
			t.Errorf("%s: logs to %v", name, group)
		}
	}
}

// TestTaskRoles: the server reads its secrets; ECS pulls from one repository and
// writes one log. (Who reads which secret, TestWhoReadsWhichSecret asserts.)
func TestTaskRoles(t *testing.T) {
	for name, result := range containers() {
		p := result.Resources[one(t, result, "ECS::TaskDefinition")].Properties
		if !slices.Equal(refs(p["TaskRoleArn"]), []string{"McpContainerRole"}) || !slices.Equal(refs(p["ExecutionRoleArn"]), []string{"McpContainerExecutionRole"}) {
			t.Errorf("%s: roles %v and %v", name, p["TaskRoleArn"], p["ExecutionRoleArn"])
		}
		if _, has := result.Resources["SessionSecret"]; has != (name == "everything") {
			t.Errorf("%s: a secret for sessions: %v", name, has)
		}
		var got []string
		for _, s := range result.statements() {
			if strings.Contains(strings.Join(s.resources, " "), `"SessionSecret"`) && !slices.Equal(s.roles, []string{"McpContainerRole"}) {
				t.Errorf("%s: %v read the sessions' secret", name, s.roles)
			}
			for _, action := range s.actions {
				if slices.Contains(s.roles, "McpContainerRole") && action != "secretsmanager:GetSecretValue" {
					t.Errorf("%s: the server may %s", name, action)
				}
				if slices.Contains(s.roles, "McpContainerExecutionRole") {
					got = append(got, action+" "+strings.Join(s.resources, " "))
				}
			}
		}
		const repository = `{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},":ecr:eu-central-1:123456789012:repository/team/mcp"]]}`
		const log = `{"Fn::GetAtt":["McpContainerLog","Arn"]}`
		want := []string{
			"ecr:BatchCheckLayerAvailability " + repository, "ecr:BatchGetImage " + repository, "ecr:GetDownloadUrlForLayer " + repository,
			"ecr:GetAuthorizationToken *", "logs:CreateLogStream " + log, "logs:PutLogEvents " + log,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: what ECS may (-want +got):\n%s", name, diff)
		}
	}
}

func TestService(t *testing.T) {
	for name, c := range map[string]struct {
		public   string
		min, max float64
	}{"container": {"DISABLED", 1, 4}, "everything": {"ENABLED", 2, 9}} {
		p := all[name].Resources["McpContainer"].Properties
		want := map[string]any{
			"DeploymentCircuitBreaker": map[string]any{"Enable": true, "Rollback": true}, "MinimumHealthyPercent": 100.0, "MaximumPercent": 200.0,
		}
		if diff := cmp.Diff(want, p["DeploymentConfiguration"]); diff != "" {
			t.Errorf("%s: how it is deployed (-want +got):\n%s", name, diff)
		}
		if got := at(p, "NetworkConfiguration", "AwsvpcConfiguration", "AssignPublicIp"); got != c.public {
			t.Errorf("%s: public addresses %v, want %s", name, got, c.public)
		}
		// CloudFormation must not set it back to some number at each deployment.
		if n := p["DesiredCount"]; n != nil {
			t.Errorf("%s: DesiredCount = %v, which is the scaling's to say", name, n)
		}
		scaling := all[name].Resources[one(t, all[name], "ApplicationAutoScaling::ScalableTarget")].Properties
		if scaling["MinCapacity"] != c.min || scaling["MaxCapacity"] != c.max {
			t.Errorf("%s: %v to %v tasks", name, scaling["MinCapacity"], scaling["MaxCapacity"])
		}
		if policies := all[name].of("ApplicationAutoScaling::ScalingPolicy"); len(policies) != 2 {
			t.Errorf("%s: scaling policies %v, want processor and requests", name, policies)
		}
	}
}
