package settings_test

import (
	"strings"
	"testing"

	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/test/golden"
)

func TestExampleGolden(t *testing.T) {
	golden.Check(t, "../../.env.example", settings.Example())
}

// TestExampleIsAccepted parses every line, uncommented as a user would.
func TestExampleIsAccepted(t *testing.T) {
	values := map[string]string{}
	for line := range strings.Lines(settings.Example()) {
		if strings.HasPrefix(line, "# ") {
			continue // help, which may contain "="
		}
		if name, value, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "#"), "="); ok {
			values[name] = value
		}
	}
	if _, err := settings.Parse(values); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"SERVER_NAME", "API_KEY", "RESERVED_CONCURRENCY", "TOOL_GREETING"} {
		if _, ok := values[name]; !ok {
			t.Errorf("%s is not in the example", name)
		}
	}
}
