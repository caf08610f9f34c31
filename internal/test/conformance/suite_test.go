package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
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
	floor    int    // minimum number of required scenarios that pass if responses stream, whatever failures are expected
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

// failed reports whether a check failed. It treats a warning, the suite's result for a
// violated SHOULD, as a failure.
func (c checked) failed() bool { return c.Status == "FAILURE" || c.Status == "WARNING" }

var running = regexp.MustCompile(`(?m)^=== Running scenario: (\S+) ===$`)

// run runs the suite and returns the results, which it reads from the suite's files, and the
// suite's exit.
func (s suite) run(ctx context.Context, t *testing.T, node *interop.Worker, url string) ([]scenario, exit) {
	t.Helper()
	out := t.TempDir()
	text, ended := s.command(ctx, node, append([]string{"server", "--url", url, "--output-dir", out}, s.choice...)...)
	var list []scenario
	for _, found := range running.FindAllStringSubmatch(text, -1) {
		checks, err := results(out, found[1])
		if err != nil {
			// The suite writes no file for a scenario that it could not run.
			checks = []checked{{ID: found[1], Status: "FAILURE", Message: err.Error()}}
		}
		list = append(list, scenario{found[1], checks})
	}
	if len(list) == 0 {
		t.Fatalf("the suite ran no scenario: %v\n%s", ended, text)
	}
	return list, ended
}

// exit is the exit code of the suite, or the error if it has none.
type exit struct {
	code int
	err  error
}

// command runs the suite's command line and returns its output.
func (s suite) command(ctx context.Context, node *interop.Worker, arguments ...string) (output string, ended exit) {
	var got struct {
		Code          int
		Output, Error string
	}
	err := node.Run(ctx, "conformance", map[string]any{"pkg": s.pkg, "args": arguments}, &got)
	if err == nil && got.Error != "" {
		err = errors.New(got.Error)
	}
	return got.Output, exit{got.Code, err}
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

// required returns the scenarios that a server must pass: those listed for the revision, or
// all. dir contains node_modules.
func (s suite) required(ctx context.Context, t *testing.T, dir string, node *interop.Worker) []string {
	t.Helper()
	var requirements struct {
		Server []string `yaml:"server"`
	}
	if s.revision == "" {
		text, ended := s.command(ctx, node, "list", "--server")
		if ended.err != nil {
			t.Fatalf("list the scenarios: %v", ended.err)
		}
		for _, found := range listed.FindAllStringSubmatch(text, -1) {
			requirements.Server = append(requirements.Server, found[1])
		}
	} else {
		data, err := os.ReadFile(filepath.Join(dir, "node_modules", s.pkg, "requirements", s.revision+".yaml"))
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
