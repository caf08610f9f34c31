package settings_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/settings"
)

func TestParseDefaults(t *testing.T) {
	got, err := settings.Parse(nil)
	if err != nil {
		t.Fatal(err)
	}
	want := settings.Settings{
		ServerName: "serverless-mcp", StackName: "McpServerStack",
		MemoryMB: 512, Architecture: "arm64", AuthorizerCacheSeconds: 300,
		Shapes: []string{settings.ShapeHTTPAPI}, StreamTimeoutSeconds: 60, Container: containerDefaults(),
		ThrottleRate: 20, ThrottleBurst: 40, LogLevel: "info", LogRetentionDays: 30,
		Tool: map[string]string{}, ToolSecrets: map[string]string{},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("Parse(nil) (-want +got):\n%s", d)
	}
}

func TestParseValues(t *testing.T) {
	got, err := settings.Parse(map[string]string{
		"SERVER_NAME": "weather", "STACK_NAME": "Weather", "STAGE": "dev1", "API_KEY": "none",
		"MEMORY_MB": "128", "ARCHITECTURE": "x86_64", "RESERVED_CONCURRENCY": "5",
		"AUTHORIZER_CACHE_SECONDS": "0", "THROTTLE_RATE": "1", "THROTTLE_BURST": "5000",
		"ALLOWED_ORIGINS": "https://a.example, http://localhost:6274,", "LOG_LEVEL": "debug",
		"SHAPES": "stream, http-api,stream", "STREAM_TIMEOUT_SECONDS": "900",
		"LOG_RETENTION_DAYS": "7", "TOOL_GREETING": "hi", "TOOL_SECRET_TOKEN": "", "TOOL_SECRET_B2": "x y",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := settings.Settings{
		ServerName: "weather", StackName: "Weather", Stage: "dev1", APIKey: settings.NoKey,
		MemoryMB: 128, Architecture: "x86_64", ReservedConcurrency: 5,
		ThrottleRate: 1, ThrottleBurst: 5000, AllowedOrigins: []string{"https://a.example", "http://localhost:6274"},
		Shapes: []string{settings.ShapeHTTPAPI, settings.ShapeStream}, StreamTimeoutSeconds: 900, Container: containerDefaults(),
		LogLevel: "debug", LogRetentionDays: 7,
		Tool:        map[string]string{"TOOL_GREETING": "hi"},
		ToolSecrets: map[string]string{"TOOL_SECRET_TOKEN": "", "TOOL_SECRET_B2": "x y"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got.FullStackName() != "Weather-dev1" {
		t.Errorf("FullStackName() = %q, want Weather-dev1", got.FullStackName())
	}
}

func TestParseRejects(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"SERVER_NAME", "Weather", `SERVER_NAME "Weather" is not allowed, need a letter`},
		{"SERVER_NAME", "a\nb", `is not allowed`},
		{"SERVER_NAME", strings.Repeat("a", 32), `is not allowed`},
		{"STACK_NAME", "my_stack", `STACK_NAME "my_stack"`},
		{"STAGE", "pre-prod", `STAGE "pre-prod" is not allowed, need lower-case letters and digits`},
		{"API_KEY_SHA256", "abc", `API_KEY_SHA256 is not a SHA-256, need 64 hex digits`},
		{"MEMORY_MB", "127", `MEMORY_MB 127 is out of range, need 128 to 10240`},
		{"MEMORY_MB", "lots", `MEMORY_MB "lots" is not a whole number`},
		{"ARCHITECTURE", "arm", `ARCHITECTURE "arm" is not one of arm64, x86_64`},
		{"RESERVED_CONCURRENCY", "-1", `out of range`},
		{"SHAPES", "http-api,lambda", `SHAPES "lambda" is not a shape, need http-api, stream, container`},
		{"SHAPES", " , ", `SHAPES names no shape`},
		{"STREAM_TIMEOUT_SECONDS", "901", `need 10 to 900`},
		{"AUTHORIZER_CACHE_SECONDS", "3601", `need 0 to 3600`},
		{"THROTTLE_RATE", "abc", `THROTTLE_RATE "abc" is not a whole number, need 1 to 10000`},
		{"THROTTLE_RATE", "0", `out of range`},
		{"THROTTLE_BURST", "5001", `out of range`},
		{"ALLOWED_ORIGINS", "*", `name each origin`},
		{"ALLOWED_ORIGINS", "https://a.example/", `is not an origin`},
		{"ALLOWED_ORIGINS", "https://A.example", `is not an origin`},
		{"ALLOWED_ORIGINS", "a.example", `is not an origin`},
		{"ALLOWED_ORIGINS", "null", `is not an origin`},
		{"LOG_LEVEL", "verbose", `not one of debug, info, warn, error`},
		{"LOG_RETENTION_DAYS", "31", `need one of 1 3 5 7 14 30`},
		{"TOOL_API_KEY", "x", `TOOL_API_KEY means a secret, but a TOOL_* setting is in the template in plain text; use TOOL_SECRET_API_KEY`},
		{"TOOL_SECRET", "x", `use TOOL_SECRET_NAME`},
		{"TOOL_lower", "x", `TOOL_lower is not a valid name of a tool's setting`},
		{"TOOL_SECRET_", "x", `need TOOL_SECRET_NAME`},
		{"TOOL_A__B", "x", `single _`},
		{"TOOL_BIG", strings.Repeat("x", 3073), `TOOL_* settings are 3081 bytes`},
		{"AWS_PROFILE", "prod", `AWS_PROFILE does not belong in .env`},
		{"THROTLE_RATE", "5", `THROTLE_RATE is not a setting; did you mean THROTTLE_RATE?`},
		{"stage", "dev", `did you mean STAGE?`},
		{"DATABASE_URL", "x", `DATABASE_URL is not a setting; .env.example lists them`},
	} {
		_, err := settings.Parse(map[string]string{c.name: c.value})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Parse(%s=%.40q) = %v, want an error with %q", c.name, c.value, err, c.want)
		}
	}
}

func TestParseReportsAllProblemsAndKeepsTheRest(t *testing.T) {
	got, err := settings.Parse(map[string]string{"STAGE": "dev", "MEMORY_MB": "1", "LOG_LEVEL": "x", "NOPE": "1"})
	want := `configuration: MEMORY_MB 1 is out of range, need 128 to 10240; ` +
		`LOG_LEVEL "x" is not one of debug, info, warn, error; ` +
		`NOPE is not a setting; .env.example lists them, and a tool's own settings start with TOOL_`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if got.FullStackName() != "McpServerStack-dev" || got.MemoryMB != 512 || got.LogLevel != "info" {
		t.Errorf("rejected values must leave the defaults and keep the rest, got %+v", got)
	}
}

func TestProtected(t *testing.T) {
	for _, tc := range []struct {
		stage, protect string
		want           bool
	}{
		{"", "", false}, {"prod", "", true}, {"prod", "false", false}, {"", "true", true}, {"production", "", false},
	} {
		s, err := settings.Parse(map[string]string{"STAGE": tc.stage, "PROTECT": tc.protect})
		if err != nil || s.Protected() != tc.want {
			t.Errorf("STAGE=%s PROTECT=%s: %v, %v; want %v", tc.stage, tc.protect, s.Protected(), err, tc.want)
		}
	}
}

// TestEndpoints checks that each endpoint accepts the key in exactly one header.
func TestEndpoints(t *testing.T) {
	for value, want := range map[string][]string{
		"":      {"$request.header.x-api-key /mcp /mcp/{proxy+}"},
		"false": {"$request.header.x-api-key /mcp /mcp/{proxy+}"},
		"true":  {"$request.header.x-api-key /mcp /mcp/{proxy+}", "$request.header.Authorization /bearer/mcp /bearer/mcp/{proxy+}"},
	} {
		s, err := settings.Parse(map[string]string{"BEARER_ROUTE": value})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range s.Endpoints() {
			got = append(got, e.IdentitySource+" "+strings.Join(e.Paths, " "))
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("BEARER_ROUTE=%s (-want +got):\n%s", value, d)
		}
		if got := slices.Contains(s.CORSHeaders(), "authorization"); got != (value == "true") {
			t.Errorf("BEARER_ROUTE=%s: browsers may send authorization: %v", value, got)
		}
	}
	if _, err := settings.Parse(map[string]string{"BEARER_ROUTE": "yes"}); err == nil || !strings.Contains(err.Error(), `BEARER_ROUTE "yes" is not one of true, false`) {
		t.Errorf("BEARER_ROUTE=yes: %v", err)
	}
}
