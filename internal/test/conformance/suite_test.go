package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"go.yaml.in/yaml/v3"

	"serverless-mcp/internal/test/interop"
)

// suite is one way to run the official suite against a server.
type suite struct {
	name     string
	pkg      string // folder in node_modules
	choice   []string
	revision string // of the specification, with a fixed list of required scenarios; "" means all
	floor    int    // least number of required scenarios that pass if responses stream, whatever is listed
}

var suites = []suite{
	{name: "0.1.16", pkg: "conformance-0.1", choice: []string{"--suite", "all"}, floor: 24},
	{name: "2025-11-25", pkg: "conformance-0.2", choice: []string{"--requirements", "2025-11-25"}, revision: "2025-11-25", floor: 23},
	{name: "2026-07-28", pkg: "conformance-0.2", choice: []string{"--requirements", "2026-07-28"}, revision: "2026-07-28", floor: 35},
}

// scenario is the result of a scenario.
type scenario struct {
	name   string
	checks []checked
}

// checked is the result of one check.
type checked struct {
	ID      string `json:"id"`
	Status  string `json:"status"`
	Message string `json:"errorMessage"`
}

// failed treats a warning, which is the suite's result for a violated SHOULD, as a
// failure.
func (c checked) failed() bool { return c.Status == "FAILURE" || c.Status == "WARNING" }

var running = regexp.MustCompile(`(?m)^=== Running scenario: (\S+) ===$`)

// run runs the suite and returns the results, which it writes into files, and its exit
// error.
func (s suite) run(ctx context.Context, t *testing.T, node interop.Node, url string) ([]scenario, error) {
	t.Helper()
	out := t.TempDir()
	arguments := append([]string{"server", "--url", url, "--output-dir", out}, s.choice...)
	text, exit := s.command(ctx, node, arguments...).CombinedOutput()
	var list []scenario
	for _, found := range running.FindAllStringSubmatch(string(text), -1) {
		checks, err := results(out, found[1])
		if err != nil {
			// The suite writes no file for a scenario that it could not run.
			checks = []checked{{ID: found[1], Status: "FAILURE", Message: err.Error()}}
		}
		list = append(list, scenario{found[1], checks})
	}
	if len(list) == 0 {
		t.Fatalf("the suite ran no scenario: %v\n%s", exit, text)
	}
	return list, exit
}

func (s suite) command(ctx context.Context, node interop.Node, arguments ...string) *exec.Cmd {
	return node.Command(ctx, filepath.Join("node_modules", s.pkg, "dist", "index.js"), arguments...)
}

// results reads the checks of one scenario.
func results(dir, name string) ([]checked, error) {
	const date = "-20[0-9][0-9]-*"
	found, err := filepath.Glob(filepath.Join(dir, "server-"+name+date, "checks.json"))
	if err != nil || len(found) != 1 {
		return nil, fmt.Errorf("the suite wrote %d results", len(found))
	}
	data, err := os.ReadFile(found[0])
	if err != nil {
		return nil, err
	}
	var checks []checked
	if err := json.Unmarshal(data, &checks); err != nil {
		return nil, fmt.Errorf("read the results: %w", err)
	}
	return checks, nil
}

var listed = regexp.MustCompile(`(?m)^\s+- (\S+) \[`)

// required returns the scenarios that a server must pass: those listed for a revision,
// or all.
func (s suite) required(ctx context.Context, t *testing.T, node interop.Node) []string {
	t.Helper()
	var requirements struct {
		Server []string `yaml:"server"`
	}
	if s.revision == "" {
		text, err := s.command(ctx, node, "list", "--server").Output()
		if err != nil {
			t.Fatalf("list the scenarios: %v", err)
		}
		for _, found := range listed.FindAllStringSubmatch(string(text), -1) {
			requirements.Server = append(requirements.Server, found[1])
		}
	} else {
		data, err := os.ReadFile(filepath.Join(node.Dir, "node_modules", s.pkg, "requirements", s.revision+".yaml"))
		if err == nil {
			err = yaml.Unmarshal(data, &requirements)
		}
		if err != nil {
			t.Fatalf("read the required scenarios: %v", err)
		}
	}
	if len(requirements.Server) == 0 {
		t.Fatal("the suite lists no required scenario")
	}
	return requirements.Server
}
