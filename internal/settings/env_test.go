package settings_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/settings"
)

func TestFunctionEnvironments(t *testing.T) {
	s, err := settings.Parse(map[string]string{
		"ALLOWED_ORIGINS": "https://a.example,https://b.example", "TOOL_GREETING": "hi", "TOOL_SECRET_TOKEN": "hush",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"SERVER_NAME": "serverless-mcp", "LOG_LEVEL": "info", "ALLOWED_ORIGINS": "https://a.example,https://b.example",
		"TOOL_GREETING": "hi", "TOOL_SECRET_TOKEN": "arn:token",
	}
	if d := cmp.Diff(want, s.MCPEnv(map[string]string{"TOOL_SECRET_TOKEN": "arn:token"})); d != "" {
		t.Errorf("MCPEnv (-want +got):\n%s", d)
	}
	want = map[string]string{"DEFAULT_KEY_SECRET": "arn:d", "ISSUED_KEYS_SECRET": "arn:i", "LOG_LEVEL": "info"}
	if d := cmp.Diff(want, s.AuthorizerEnv("arn:d", "arn:i")); d != "" {
		t.Errorf("AuthorizerEnv (-want +got):\n%s", d)
	}
	want = map[string]string{
		"SERVER_NAME": "serverless-mcp", "LOG_LEVEL": "info", "ALLOWED_ORIGINS": "https://a.example,https://b.example",
		"TOOL_GREETING": "hi", "TOOL_SECRET_TOKEN": "arn:token", "DEFAULT_KEY_SECRET": "arn:d", "ISSUED_KEYS_SECRET": "arn:i",
	}
	if d := cmp.Diff(want, s.StandaloneEnv(map[string]string{"TOOL_SECRET_TOKEN": "arn:token"}, "arn:d", "arn:i")); d != "" {
		t.Errorf("StandaloneEnv (-want +got):\n%s", d)
	}
	if _, ok := s.AuthorizerEnv("", "arn:i")["DEFAULT_KEY_SECRET"]; ok {
		t.Error("without a default key the variable must be absent")
	}
}

// TestToolSecretsAreTwoResources: two names with the same logical id are rejected, because
// every CDK command would fail.
func TestToolSecretsAreTwoResources(t *testing.T) {
	s, err := settings.Parse(map[string]string{"TOOL_SECRET_A_1": "x", "TOOL_SECRET_A1": "y"})
	if err == nil || !strings.Contains(err.Error(), "TOOL_SECRET_A_1 and TOOL_SECRET_A1 would be the same resource") {
		t.Errorf("error = %v, want one with both names", err)
	}
	if len(s.ToolSecrets) != 1 {
		t.Errorf("%d secrets, want one", len(s.ToolSecrets))
	}
	_, err = settings.Parse(map[string]string{"TOOL_SECRET_DB": "x", "TOOL_SECRET_DB_ARN": "y"})
	if err == nil || !strings.Contains(err.Error(), "TOOL_SECRET_DB_ARN and TOOL_SECRET_DB would both need the name ToolSecretDbArn in the stack") {
		t.Errorf("a secret with the name of an output: error = %v", err)
	}
}

func TestRuntimeLimits(t *testing.T) {
	for memoryMB, want := range map[int][2]string{
		128: {"1", "115MiB"}, 1769: {"1", "1592MiB"}, 1770: {"2", "1593MiB"}, 3538: {"2", "3184MiB"}, 10240: {"6", "9216MiB"},
	} {
		env := map[string]string{"A": "b"}
		settings.AddRuntime(env, memoryMB)
		if d := cmp.Diff(map[string]string{"A": "b", "GOMAXPROCS": want[0], "GOMEMLIMIT": want[1]}, env); d != "" {
			t.Errorf("%d MB (-want +got):\n%s", memoryMB, d)
		}
	}
}

// TestEnvironmentIsTooLarge: whatever fills the environment, what Lambda would reject
// is rejected before the deployment.
func TestEnvironmentIsTooLarge(t *testing.T) {
	secrets := func(n int) map[string]string {
		values := map[string]string{}
		for i := range n {
			values["TOOL_SECRET_NUMBER_"+strconv.Itoa(i)] = ""
		}
		return values
	}
	with := func(values map[string]string, more ...string) map[string]string {
		for i := 0; i < len(more); i += 2 {
			values[more[i]] = more[i+1]
		}
		return values
	}
	origins := strings.Repeat("https://app.example.com,", 200)
	for name, c := range map[string]struct {
		values   map[string]string
		tooLarge bool
	}{
		"secrets":           {secrets(40), true},
		"fewer secrets":     {secrets(20), false},
		"origins":           {with(secrets(0), "ALLOWED_ORIGINS", origins), true},
		"sign-in":           {with(secrets(0), "SIGNIN_ISSUER", "https://login.example.com", "SIGNIN_TOOLS", "a="+strings.Repeat("calculate ", 450)), true},
		"a container only":  {with(secrets(0), "ALLOWED_ORIGINS", origins, "SHAPES", "container"), false},
		"settings, secrets": {with(secrets(15), "TOOL_TEXT", strings.Repeat("x", 3000)), true},
		"settings only":     {with(secrets(0), "TOOL_TEXT", strings.Repeat("x", 3000)), false},
	} {
		_, err := settings.Parse(c.values)
		if tooLarge := err != nil && strings.Contains(err.Error(), "the environment of a function"); tooLarge != c.tooLarge || !tooLarge && err != nil {
			t.Errorf("%s: %v, want an error: %v", name, err, c.tooLarge)
		}
	}
}
