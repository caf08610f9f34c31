package stacks

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFunctions(t *testing.T) {
	logging := func(group string) map[string]any {
		return map[string]any{
			"LogFormat": "JSON", "ApplicationLogLevel": "TRACE", "SystemLogLevel": "INFO",
			"LogGroup": map[string]any{"Ref": group},
		}
	}
	ref := func(id string) map[string]any { return map[string]any{"Ref": id} }
	for _, c := range []struct {
		variant, id string
		want        map[string]any // those that are looked at; nil means absent
	}{
		{"chosen", "Authorizer", map[string]any{
			"Runtime": "provided.al2023", "Handler": "bootstrap", "Timeout": 5.0, "MemorySize": 256.0,
			"Architectures": []any{"arm64"}, "LoggingConfig": logging("AuthorizerLog"),
			"Environment": map[string]any{"Variables": map[string]any{
				"DEFAULT_KEY_SECRET": ref("DefaultKey"), "ISSUED_KEYS_SECRET": ref("IssuedKeys"), "LOG_LEVEL": "info", "GOMAXPROCS": "1", "GOMEMLIMIT": "230MiB",
			}},
			"ReservedConcurrentExecutions": nil,
		}},
		{"chosen", "Mcp", map[string]any{
			"Runtime": "provided.al2023", "Handler": "bootstrap", "Timeout": 29.0, "MemorySize": 512.0,
			"Architectures": []any{"arm64"}, "LoggingConfig": logging("McpLog"),
			"ReservedConcurrentExecutions": nil,
		}},
		{"full", "Authorizer", map[string]any{"Architectures": []any{"x86_64"}, "ReservedConcurrentExecutions": nil}},
		{"full", "Mcp", map[string]any{
			"MemorySize": 1024.0, "Architectures": []any{"x86_64"}, "ReservedConcurrentExecutions": 3.0,
			"Environment": map[string]any{"Variables": map[string]any{
				"SERVER_NAME": "weather", "LOG_LEVEL": "debug", "ALLOWED_ORIGINS": "https://app.example.com,http://localhost:6274",
				"TOOL_GREETING": "hello", "TOOL_SECRET_UPSTREAM_TOKEN": ref("ToolSecretUpstreamToken"), "TOOL_SECRET_B": ref("ToolSecretB"),
				"GOMAXPROCS": "1", "GOMEMLIMIT": "921MiB",
			}},
		}},
	} {
		properties, got := all[c.variant].Resources[c.id].Properties, map[string]any{}
		for name := range c.want {
			got[name] = properties[name]
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", c.variant, c.id, diff)
		}
	}
}

func TestLogsEndWithTheStackAndTheirTime(t *testing.T) {
	for name, days := range map[string]float64{"chosen": 30, "full": 7} {
		for _, id := range all[name].of("Logs::LogGroup") {
			r := all[name].Resources[id]
			if r.DeletionPolicy != "Delete" || r.Properties["RetentionInDays"] != days {
				t.Errorf("%s: %s is kept %v days, on deletion %s", name, id, r.Properties["RetentionInDays"], r.DeletionPolicy)
			}
		}
	}
}

func TestEveryRoleIsOneFunctionsOwn(t *testing.T) {
	for name, result := range all {
		for _, id := range result.of("Lambda::Function") {
			if got := refs(result.Resources[id].Properties["Role"]); !slices.Equal(got, []string{id + "Role"}) {
				t.Errorf("%s: %s has the role %v", name, id, got)
			}
		}
		for _, id := range result.of("IAM::Role") {
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

// TestWhoReadsWhichSecret holds the line between the functions behind the
// gateway: the tools, and whoever gets them to do something, can't read a key.
// Behind a Function URL there is one function for both, and in a container one
// server.
func TestWhoReadsWhichSecret(t *testing.T) {
	keys, toolSecrets := []string{"DefaultKey", "IssuedKeys"}, []string{"ToolSecretB", "ToolSecretUpstreamToken"}
	want := map[string][]string{
		"chosen": keys, "again": keys, "hash": keys, "generated": keys,
		"none":   {"IssuedKeys"},
		"full":   slices.Concat(keys, toolSecrets),
		"stream": keys,
		"both":   {"DefaultKey", "DefaultKey", "IssuedKeys", "IssuedKeys", "ToolSecretUpstreamToken", "ToolSecretUpstreamToken"},
	}
	want["container"] = keys
	want["http-api, container"] = []string{"DefaultKey", "DefaultKey", "IssuedKeys", "IssuedKeys"}
	want["stream, container"] = want["http-api, container"]
	want["sign-in"] = slices.Concat(keys, keys, keys)
	slices.Sort(want["sign-in"])
	for _, secret := range slices.Concat(keys, toolSecrets[1:]) {
		want["everything"] = append(want["everything"], secret, secret, secret)
	}
	for name, result := range all {
		checkSecrets(t, name, result, want[name])
	}
}

func checkSecrets(t *testing.T, name string, result synthesised, want []string) {
	t.Helper()
	var read []string
	for _, s := range result.statements() {
		onSecrets := strings.Contains(strings.Join(s.actions, " "), "secretsmanager") || slices.Contains(s.actions, "*")
		if onSecrets && strings.Contains(strings.Join(s.resources, " "), "*") {
			t.Errorf("%s: %s lets %v do %v with %v, keys among them", name, s.policy, s.roles, s.actions, s.resources)
		}
		for _, secret := range secretsIn(result, s) {
			readers := []string{"AuthorizerRole", "McpStreamRole", "McpContainerRole"}
			if strings.HasPrefix(secret, "ToolSecret") {
				readers = []string{"McpRole", "McpStreamRole", "McpContainerRole"}
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
	if policies := result.of("SecretsManager::ResourcePolicy"); policies != nil {
		t.Errorf("%s: resource policies %v also let somebody in", name, policies)
	}
}

// secretsIn are the secrets, of those that the stack itself declares, that a
// statement speaks of.
func secretsIn(result synthesised, s statement) []string {
	var found []string
	for _, id := range result.of("SecretsManager::Secret") {
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

// TestNoWildcards: "*" in a resource, or in an action, takes a suppression on
// the policy, whose reason TestSuppressionsHaveReasons looks at.
func TestNoWildcards(t *testing.T) {
	for name, result := range all {
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
