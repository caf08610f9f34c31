package conformance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/test/interop"
	"serverless-mcp/internal/test/project"
)

func TestMain(m *testing.M) {
	project.RunParallel(8) // the suite spends most of its time waiting
	os.Exit(m.Run())
}

// attempts is the number of times that the suite may run for one result: the suite waits only
// 500 ms for some responses, and counts later ones as missing.
const attempts = 3

// TestConformance allows only the failures in expected-failures.yml. It logs the score
// and appends it to the file that CONFORMANCE_REPORT names, because go test hides the
// log of a passing test.
func TestConformance(t *testing.T) {
	t.Parallel()
	installed := interop.Install(t)
	node, err := installed.Work("worker.mjs")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(node.Close)
	expected := readExpected(t, "expected-failures.yml")
	required := map[string][]string{} // scenarios by suite
	for _, s := range suites {
		required[s.name] = s.required(t.Context(), t, installed.Dir, node)
	}
	for shape := range shapes {
		t.Run(shape, func(t *testing.T) {
			t.Parallel()
			url := deployed(t, shape)
			for _, s := range suites {
				t.Run(s.name, func(t *testing.T) {
					t.Parallel()
					ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute) // on the slowest machine
					defer cancel()
					var o outcome
					var problems []string
					for run := range attempts {
						results, ended := s.run(ctx, t, node, url)
						o = evaluate(results, required[s.name], expected.forRun(s.name, shape))
						if problems = append(o.problems, o.checkExit(ended)...); len(problems) == 0 {
							break
						}
						report(t, fmt.Sprintf("suite %s, %s, run %d: %d problems:\n    %s", s.name, shape, run+1, len(problems), strings.Join(problems, "\n    ")))
					}
					for _, problem := range problems {
						t.Error(problem)
					}
					if streams := shape != settings.ShapeHTTPAPI; streams && o.required.passed < s.floor {
						t.Errorf("%d required scenarios passed, want at least %d", o.required.passed, s.floor)
					}
					report(t, fmt.Sprintf("suite %s, %s: %s", s.name, shape, o))
				})
			}
		})
	}
}

func report(t *testing.T, score string) {
	t.Helper()
	t.Log(score)
	path := os.Getenv("CONFORMANCE_REPORT")
	if path == "" {
		return
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = file.WriteString(score + "\n") // in one write, since other processes append too
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		t.Error(err)
	}
}

// String returns the score and a line for each expected failure.
func (o outcome) String() string {
	text := fmt.Sprintf("%d/%d required scenarios passed", o.required.passed, o.required.total)
	if o.others.total > 0 {
		text += fmt.Sprintf(", %d/%d others", o.others.passed, o.others.total)
	}
	if len(o.expected) > 0 {
		text += "; expected failures:\n    " + strings.Join(o.expected, "\n    ")
	}
	return text
}
