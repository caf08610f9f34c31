package conformance

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"serverless-mcp/internal/interop"
	"serverless-mcp/internal/settings"
)

// The server is correct to the letter, but for what expected-failures.yml says.
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
					t.Logf("suite %s, %s: %s", s.name, shape, v)
				})
			}
		})
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
