package stacks

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/settings"
)

// TestSettingsReachTheResources checks the settings that have their default in all golden
// templates.
func TestSettingsReachTheResources(t *testing.T) {
	ref := func(id string) map[string]any { return map[string]any{"Ref": id} }
	for _, c := range []struct {
		id   string
		want map[string]any // some properties; nil means absent
	}{
		{"Authorizer", map[string]any{"Architectures": []any{"x86_64"}, "ReservedConcurrentExecutions": nil}},
		{"Mcp", map[string]any{
			"MemorySize": 1024.0, "Architectures": []any{"x86_64"}, "ReservedConcurrentExecutions": 3.0,
			"Environment": map[string]any{"Variables": map[string]any{
				"SERVER_NAME": "weather", "LOG_LEVEL": "debug", "ALLOWED_ORIGINS": "https://app.example.com,http://localhost:6274",
				"TOOL_GREETING": "hello", "TOOL_SECRET_UPSTREAM_TOKEN": ref("ToolSecretUpstreamToken"), "TOOL_SECRET_B": ref("ToolSecretB"),
				"GOMAXPROCS": "1", "GOMEMLIMIT": "921MiB",
			}},
		}},
		{"Stage", map[string]any{"DefaultRouteSettings": map[string]any{"ThrottlingRateLimit": 5.0, "ThrottlingBurstLimit": 7.0}}},
	} {
		properties, got := all["full"].Resources[c.id].Properties, map[string]any{}
		for name := range c.want {
			got[name] = properties[name]
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.id, diff)
		}
	}
}

// TestFunctionLimits: a function behind the HTTP API responds before the gateway's
// timeout, collects garbage before it runs out of memory, and logs so that Lambda
// neither drops a line nor writes it elsewhere.
func TestFunctionLimits(t *testing.T) {
	for name, result := range everySynthesis() {
		for _, id := range result.idsOf("Lambda::Function") {
			p := result.Resources[id].Properties
			if limit := map[string]float64{"Mcp": 29, "Authorizer": 9, "Page": 29, "McpStream": 900, "Job": 900}[id]; limit == 0 || p["Timeout"].(float64) > limit {
				t.Errorf("%s: %s has a timeout of %v s, want at most %v", name, id, p["Timeout"], limit)
			}
			text, _ := at(p, "Environment", "Variables", "GOMEMLIMIT").(string)
			limit, err := strconv.Atoi(strings.TrimSuffix(text, "MiB"))
			if memory := p["MemorySize"].(float64); err != nil || float64(limit) >= memory || float64(limit) < memory/2 {
				t.Errorf("%s: %s has GOMEMLIMIT %q and %v MB", name, id, text, memory)
			}
			want := map[string]any{
				"LogFormat": "JSON", "ApplicationLogLevel": "TRACE", "SystemLogLevel": "INFO", "LogGroup": map[string]any{"Ref": id + "Log"},
			}
			if diff := cmp.Diff(want, p["LoggingConfig"]); diff != "" {
				t.Errorf("%s: logging of %s (-want +got):\n%s", name, id, diff)
			}
		}
	}
}

func TestLogsExpire(t *testing.T) {
	for name, days := range map[string]float64{"chosen": 30, "full": 7} {
		for _, id := range all[name].idsOf("Logs::LogGroup") {
			r := all[name].Resources[id]
			if r.DeletionPolicy != "Delete" || r.Properties["RetentionInDays"] != days {
				t.Errorf("%s: %s is kept for %v days, and on deletion: %s", name, id, r.Properties["RetentionInDays"], r.DeletionPolicy)
			}
		}
	}
}

func TestEveryFunctionHasItsOwnRole(t *testing.T) {
	for name, result := range everySynthesis() {
		for _, id := range result.idsOf("Lambda::Function") {
			if got := refs(result.Resources[id].Properties["Role"]); !slices.Equal(got, []string{id + "Role"}) {
				t.Errorf("%s: %s has the role %v", name, id, got)
			}
		}
		for _, id := range result.idsOf("IAM::Role") {
			p := result.Resources[id].Properties
			if p["ManagedPolicyArns"] != nil {
				t.Errorf("%s: %s has managed policies %v", name, id, p["ManagedPolicyArns"])
			}
			trust := list(p["AssumeRolePolicyDocument"].(map[string]any)["Statement"])
			service := "lambda.amazonaws.com"
			if strings.HasPrefix(id, "McpContainer") {
				service = "ecs-tasks.amazonaws.com"
			}
			if diff := cmp.Diff(map[string]any{"Service": service}, trust[0].(map[string]any)["Principal"]); diff != "" || len(trust) != 1 {
				t.Errorf("%s: %s trusts %v", name, id, trust)
			}
		}
	}
}

// TestWhoReadsWhichSecret: behind the HTTP API, the function with the tools cannot
// read a key. Behind a Function URL one function checks keys and runs tools, and in
// a container one server does.
func TestWhoReadsWhichSecret(t *testing.T) {
	for name, result := range everySynthesis() {
		checkSecrets(t, name, result, readSecrets(result.settings))
	}
}

// readSecrets returns the sorted ids of the secrets, each as often as there are roles that
// read it: in each shape, one role reads the keys and one the tool secrets, which the job
// function also reads. The example in custom.go grants no access to secrets.
func readSecrets(s settings.Settings) []string {
	var read []string
	for range s.Shapes {
		read = append(read, "IssuedKeys")
		if s.APIKey != settings.NoKey {
			read = append(read, "DefaultKey")
		}
	}
	readers := len(s.Shapes)
	if s.Jobs {
		readers++
	}
	for name := range s.ToolSecrets {
		read = append(read, slices.Repeat([]string{settings.ToolSecretID(name)}, readers)...)
	}
	slices.Sort(read)
	return read
}

func checkSecrets(t *testing.T, name string, result synthesized, want []string) {
	t.Helper()
	var read []string
	for _, s := range result.statements() {
		onSecrets := strings.Contains(strings.Join(s.actions, " "), "secretsmanager") || slices.Contains(s.actions, "*")
		if onSecrets && strings.Contains(strings.Join(s.resources, " "), "*") {
			t.Errorf("%s: %s lets %v do %v with %v, which includes keys", name, s.policy, s.roles, s.actions, s.resources)
		}
		for _, secret := range secretsIn(result, s) {
			readers := []string{"AuthorizerRole", "McpStreamRole", "McpContainerRole"}
			if strings.HasPrefix(secret, "ToolSecret") {
				readers = []string{"McpRole", "McpStreamRole", "McpContainerRole", "JobRole"}
			}
			if len(s.roles) != 1 || !slices.Contains(readers, s.roles[0]) || !slices.Equal(s.actions, []string{"secretsmanager:GetSecretValue"}) {
				t.Errorf("%s: %s lets %v do %v with %s, want only %v to read it", name, s.policy, s.roles, s.actions, secret, readers)
			}
			read = append(read, secret)
		}
	}
	slices.Sort(read)
	if diff := cmp.Diff(want, read); diff != "" {
		t.Errorf("%s: secrets that a role can read (-want +got):\n%s", name, diff)
	}
	if policies := result.idsOf("SecretsManager::ResourcePolicy"); policies != nil {
		t.Errorf("%s: resource policies %v grant access too", name, policies)
	}
}

// secretsIn returns the stack's secrets to which a statement applies.
func secretsIn(result synthesized, s statement) []string {
	var found []string
	for _, id := range result.idsOf("SecretsManager::Secret") {
		if id != "DefaultKey" && id != "IssuedKeys" && !strings.HasPrefix(id, "ToolSecret") {
			continue
		}
		for _, r := range s.resources {
			if strings.Contains(r, `"`+id+`"`) {
				found = append(found, id)
			}
		}
	}
	return found
}

// TestNoWildcards: "*" in a resource or an action requires a suppression on the
// policy, which TestSuppressionsAreNeeded checks.
func TestNoWildcards(t *testing.T) {
	for name, result := range everySynthesis() {
		statements := result.statements()
		if len(statements) < 2 {
			t.Errorf("%s: found %d statements, want at least the logs and the keys", name, len(statements))
		}
		for _, s := range statements {
			suppressed := strings.Contains(strings.Join(texts(result.Resources[s.policy].Metadata), ""), "AwsSolutions-IAM5")
			if strings.Contains(strings.Join(append(s.actions, s.resources...), " "), "*") && !suppressed {
				t.Errorf("%s: %s allows %v on %v", name, s.policy, s.actions, s.resources)
			}
		}
	}
}
