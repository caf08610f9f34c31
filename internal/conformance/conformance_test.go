package conformance

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"serverless-mcp/internal/interop"
)

// The server is correct to the letter, but for what expected-failures.yml says.
func TestConformance(t *testing.T) {
	t.Parallel()
	node := interop.Install(t)
	expected := readExpected(t, "expected-failures.yml")
	for shape, serve := range shapes {
		t.Run(shape, func(t *testing.T) {
			t.Parallel()
			url := serve(t)
			for _, s := range suites {
				t.Run(s.name, func(t *testing.T) {
					t.Parallel()
					ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
					defer cancel()
					v := judge(s.run(ctx, t, node, url), s.required(t, node), expected.of(s.name, shape))
					for _, problem := range v.problems {
						t.Error(problem)
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
