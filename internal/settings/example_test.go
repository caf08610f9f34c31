package settings_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/settings"
)

var update = flag.Bool("update", false, "rewrite .env.example")

func TestExampleGolden(t *testing.T) {
	const file = "../../.env.example"
	if *update {
		if err := os.WriteFile(file, []byte(settings.Example()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), settings.Example()); d != "" {
		t.Errorf(".env.example is not what the settings say; go test ./internal/settings -update (-file +settings):\n%s", d)
	}
}

// A user uncomments lines: each must be accepted as it stands.
func TestExampleIsAccepted(t *testing.T) {
	values := map[string]string{}
	for line := range strings.Lines(settings.Example()) {
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
