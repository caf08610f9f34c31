package conformance

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// expectedFailure is an entry of expected-failures.yml, which documents the fields.
type expectedFailure struct {
	Reason   string   `yaml:"reason"`
	Issue    string   `yaml:"issue"`
	Failures []string `yaml:"failures"`
	Suites   []string `yaml:"suites"`
	Shapes   []string `yaml:"shapes"`
}

type expectedFailures []expectedFailure

// readExpected reads the list. It reports entries without a reason, and entries for
// unknown suites and shapes.
func readExpected(t *testing.T, path string) expectedFailures {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	var list expectedFailures
	if err := decoder.Decode(&list); err != nil {
		t.Fatalf("read %s: %v", path, err)
	}
	for _, e := range list {
		known := len(e.Suites) > 0 && len(e.Shapes) > 0 && len(e.Failures) > 0
		for _, name := range e.Suites {
			known = known && slices.ContainsFunc(suites, func(s suite) bool { return s.name == name })
		}
		for _, shape := range e.Shapes {
			known = known && shapes[shape] != nil
		}
		if !known || e.Reason == "" {
			t.Errorf("%s: an entry needs a reason, failures, and known suites and shapes, got %+v", path, e)
		}
	}
	return list
}

// forRun returns the entries for one run of a suite.
func (list expectedFailures) forRun(suite, shape string) expectedFailures {
	return slices.DeleteFunc(slices.Clone(list), func(e expectedFailure) bool {
		return !slices.Contains(e.Suites, suite) || !slices.Contains(e.Shapes, shape)
	})
}

// covers returns the listed failure that a failing check matches.
func (e expectedFailure) covers(scenario, check string) (failure string, ok bool) {
	for _, f := range []string{scenario, scenario + ":" + check} {
		if slices.Contains(e.Failures, f) {
			return f, true
		}
	}
	return "", false
}

// outcome is the result of a run, compared with the list.
type outcome struct {
	required, others score
	expected         []string // listed failures with their reasons
	problems         []string // why the test fails
}

// score counts scenarios. A scenario with a failing check has not passed, even if the
// failure is expected.
type score struct{ passed, total int }

// evaluate compares results with the list. A required scenario that did not run counts
// as failed.
func evaluate(results []scenario, required []string, list expectedFailures) outcome {
	var v outcome
	seen := map[string]bool{} // listed failures that occurred
	for _, name := range required {
		if !slices.ContainsFunc(results, func(s scenario) bool { return s.name == name }) {
			v.required.count(false)
			v.problems = append(v.problems, name+" did not run")
		}
	}
	for _, s := range results {
		passed := len(s.checks) > 0
		if !passed {
			v.problems = append(v.problems, s.name+" checked nothing")
		}
		for _, c := range s.checks {
			if !c.failed() {
				continue
			}
			passed = false
			if f := list.find(s.name, c.ID); f != "" {
				seen[f] = true
			} else {
				v.problems = append(v.problems, s.name+":"+c.ID+": "+c.Status+" "+c.Message)
			}
		}
		if slices.Contains(required, s.name) {
			v.required.count(passed)
		} else {
			v.others.count(passed)
		}
	}
	for _, e := range list {
		for _, f := range e.Failures {
			if !seen[f] {
				v.problems = append(v.problems, f+" does not fail: remove it from the list")
			}
		}
		v.expected = append(v.expected, e.String())
	}
	return v
}

// checkExit returns a problem if the suite's exit code contradicts its results, which may
// then be incomplete.
func (v outcome) checkExit(ended exit) []string {
	failed := v.required.passed < v.required.total || v.others.passed < v.others.total
	switch {
	case ended.err != nil || ended.code > 1:
		return []string{fmt.Sprintf("the suite did not finish: exit code %d, %v", ended.code, ended.err)}
	case ended.code == 1 && !failed:
		return []string{"the suite exited with 1, and no result failed"}
	}
	return nil
}

// String returns the scenarios and the reason.
func (e expectedFailure) String() string {
	var names []string
	for _, f := range e.Failures {
		name, _, _ := strings.Cut(f, ":")
		names = append(names, name)
	}
	return strings.TrimSpace(strings.Join(names, ", ") + ": " + e.Reason + " " + e.Issue)
}

func (list expectedFailures) find(scenario, check string) string {
	for _, e := range list {
		if f, ok := e.covers(scenario, check); ok {
			return f
		}
	}
	return ""
}

func (s *score) count(passed bool) {
	s.total++
	if passed {
		s.passed++
	}
}
