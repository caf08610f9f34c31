package settings_test

import (
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
