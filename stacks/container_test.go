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
	certificateUS  = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
	certificateEU  = "arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
)

// containers returns the variants with a container, by name.
func containers() map[string]synthesized {
	found := map[string]synthesized{}
	for name, result := range all {
		if _, ok := result.Resources["McpContainer"]; ok {
			found[name] = result
		}
	}
	return found
}

// at returns the value at a path of names in nested objects, or nil. It enters a
// list with one item.
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

// TestContainerNeedsAnImage: without an image the stack can be listed and destroyed, but
// not deployed, and the error names the remedy.
func TestContainerNeedsAnImage(t *testing.T) {
	s := parse(t, map[string]string{"SHAPES": "container"})
	result, err := synthesize(filepath.Join(t.TempDir(), "out"), Props{Settings: s}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"error: McpServerStack: the shape container needs an image: run go tool mcpctl image --push, and add the line that it prints to .env"}
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
		"container": {"256", "512", "ARM64", map[string]any{"GOMAXPROCS": "1", "GOMEMLIMIT": "460MiB", "BUDGET_BYTES": "16777216"}},
		"everything": {"1024", "2048", "X86_64", map[string]any{
			"TOOL_USERS_TABLE": ref(onlyID(t, all["everything"], "DynamoDB::GlobalTable")),
			"TOOL_GREETING":    "hello", "TOOL_SECRET_UPSTREAM_TOKEN": ref("ToolSecretUpstreamToken"), "SESSION_SECRET": ref("SessionSecret"),
			"GOMAXPROCS": "1", "GOMEMLIMIT": "1843MiB", "BUDGET_BYTES": "67108864",
		}},
	} {
		p := all[name].Resources[onlyID(t, all[name], "ECS::TaskDefinition")].Properties
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
			"MAX_MESSAGE_BYTES": "1048576", "CALLS_PER_KEY": "100",
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

// TestTaskRoles: the server only reads secrets (TestWhoReadsWhichSecret checks
// which); ECS pulls from one repository and writes one log.
func TestTaskRoles(t *testing.T) {
	for name, result := range containers() {
		p := result.Resources[onlyID(t, result, "ECS::TaskDefinition")].Properties
		if !slices.Equal(refs(p["TaskRoleArn"]), []string{"McpContainerRole"}) || !slices.Equal(refs(p["ExecutionRoleArn"]), []string{"McpContainerExecutionRole"}) {
			t.Errorf("%s: roles %v and %v", name, p["TaskRoleArn"], p["ExecutionRoleArn"])
		}
		if _, has := result.Resources["SessionSecret"]; has != (name == "everything") {
			t.Errorf("%s: has SessionSecret: %v", name, has)
		}
		var got []string
		for _, s := range result.statements() {
			if strings.Contains(strings.Join(s.resources, " "), `"SessionSecret"`) && !slices.Equal(s.roles, []string{"McpContainerRole"}) {
				t.Errorf("%s: %v may read SessionSecret", name, s.roles)
			}
			forJobs := strings.Contains(strings.Join(s.resources, " "), `{"Fn::GetAtt":["Job`)          // TestWhoMayRunJobs checks them
			forLimits := strings.Contains(strings.Join(s.resources, " "), `{"Fn::GetAtt":["KeyLimits"`) // TestKeyLimits checks them
			onTable := strings.Contains(strings.Join(s.resources, " "), `{"Fn::GetAtt":["Users`)        // granted by exampleCustom
			for _, action := range s.actions {
				if slices.Contains(s.roles, "McpContainerRole") && action != "secretsmanager:GetSecretValue" && !onTable && !forJobs && !forLimits {
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
			t.Errorf("%s: permissions of ECS (-want +got):\n%s", name, diff)
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
			t.Errorf("%s: deployment configuration (-want +got):\n%s", name, diff)
		}
		if got := at(p, "NetworkConfiguration", "AwsvpcConfiguration", "AssignPublicIp"); got != c.public {
			t.Errorf("%s: public addresses %v, want %s", name, got, c.public)
		}
		// CloudFormation would reset the scaling at each deployment.
		if n := p["DesiredCount"]; n != nil {
			t.Errorf("%s: DesiredCount = %v, want none", name, n)
		}
		// ECS would stop tasks, and with them sessions, to balance the zones.
		if got := p["AvailabilityZoneRebalancing"]; (got == "DISABLED") != (name == "everything") {
			t.Errorf("%s: AvailabilityZoneRebalancing = %v", name, got)
		}
		scaling := all[name].Resources[onlyID(t, all[name], "ApplicationAutoScaling::ScalableTarget")].Properties
		if scaling["MinCapacity"] != c.min || scaling["MaxCapacity"] != c.max {
			t.Errorf("%s: %v to %v tasks", name, scaling["MinCapacity"], scaling["MaxCapacity"])
		}
		if policies := all[name].idsOf("ApplicationAutoScaling::ScalingPolicy"); len(policies) != 2 {
			t.Errorf("%s: scaling policies %v, want processor and requests", name, policies)
		}
	}
}
