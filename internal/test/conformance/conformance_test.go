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
)

// The server is correct to the letter, but for what expected-failures.yml says.
// The score goes into the test's log, and into the file that CONFORMANCE_REPORT
// names: go test shows the log of what passed to those only who ask for it.
func TestConformance(t *testing.T) {
	t.Parallel()
	node := interop.Install(t)
	expected := readExpected(t, "expected-failures.yml")
	for shape := range shapes {
		t.Run(shape, func(t *testing.T) {
			t.Parallel()
			url := deployed(t, shape)
			for _, s := range suites {
				t.Run(s.name, func(t *testing.T) {
					t.Parallel()
					ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
					defer cancel()
					results, exit := s.run(ctx, t, node, url)
					v := judge(results, s.required(ctx, t, node), expected.of(s.name, shape))
					for _, problem := range append(v.problems, v.doubts(exit)...) {
						t.Error(problem)
					}
					if streams := shape != settings.ShapeHTTPAPI; streams && v.required.passed < s.floor {
						t.Errorf("%d required scenarios passed, and there must be %d", v.required.passed, s.floor)
					}
					report(t, fmt.Sprintf("suite %s, %s: %s", s.name, shape, v))
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
		_, err = file.WriteString(score + "\n") // at once: others write, too
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		t.Error(err)
	}
}

// String is for people: the score, and a line for each expected failure.
func (v verdict) String() string {
	text := fmt.Sprintf("%d/%d required scenarios passed", v.required.passed, v.required.total)
	if v.others.total > 0 {
		text += fmt.Sprintf(", %d/%d others", v.others.passed, v.others.total)
	}
	if len(v.expected) > 0 {
		text += "; expected failures:\n    " + strings.Join(v.expected, "\n    ")
	}
	return text
}
