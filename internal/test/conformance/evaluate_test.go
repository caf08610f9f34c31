package conformance

import (
	"context"
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEvaluate: the list allows exactly the failures that it names, and an entry that no
// longer fails is reported.
func TestEvaluate(t *testing.T) {
	fails := func(id string) checked { return checked{ID: id, Status: "FAILURE", Message: "m"} }
	passes := func(id string) checked { return checked{ID: id, Status: "SUCCESS"} }
	on := func(failures ...string) expectedFailures { return expectedFailures{{Reason: "r", Failures: failures}} }
	tests := []struct {
		name     string
		results  []scenario
		list     expectedFailures
		required score
		problems []string
	}{
		{"passes", []scenario{{"a", []checked{passes("1"), {ID: "2", Status: "SKIPPED"}, {ID: "3", Status: "INFO"}}}}, nil, score{1, 1}, nil},
		{"fails", []scenario{{"a", []checked{passes("1"), fails("2")}}}, nil, score{0, 1}, []string{"a:2: FAILURE m"}},
		{"warns", []scenario{{"a", []checked{{ID: "1", Status: "WARNING"}}}}, nil, score{0, 1}, []string{"a:1: WARNING "}},
		{"fails as expected", []scenario{{"a", []checked{fails("1")}}}, on("a:1"), score{0, 1}, nil},
		{"fails as a whole", []scenario{{"a", []checked{fails("1"), fails("2")}}}, on("a"), score{0, 1}, nil},
		{"fails otherwise", []scenario{{"a", []checked{fails("1"), fails("2")}}}, on("a:1"), score{0, 1}, []string{"a:2: FAILURE m"}},
		{"passes unexpectedly", []scenario{{"a", []checked{passes("1")}}}, on("a:1"), score{1, 1}, []string{"a:1 does not fail: remove it from the list"}},
		{"listed, never ran", nil, on("a"), score{0, 1}, []string{"a did not run", "a does not fail: remove it from the list"}},
		{"never ran", nil, nil, score{0, 1}, []string{"a did not run"}},
		{"checked nothing", []scenario{{"a", nil}}, nil, score{0, 1}, []string{"a checked nothing"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := evaluate(tt.results, []string{"a"}, tt.list)
			if v.required != tt.required {
				t.Errorf("score %+v, want %+v", v.required, tt.required)
			}
			if diff := cmp.Diff(tt.problems, v.problems); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCheckExit: the exit code of the suite is compared with its results.
func TestCheckExit(t *testing.T) {
	passed, failed := outcome{required: score{1, 1}}, outcome{required: score{1, 1}, others: score{0, 1}}
	for _, tt := range []struct {
		name  string
		v     outcome
		ended exit
		wrong bool
	}{
		{"all passed", passed, exit{}, false},
		{"some failed", failed, exit{code: 1}, false},
		{"warnings only", failed, exit{}, false},
		{"failed without a result", passed, exit{code: 1}, true},
		{"did not finish", failed, exit{code: 2}, true},
		{"killed", failed, exit{err: context.DeadlineExceeded}, true},
		{"did not start", passed, exit{err: exec.ErrNotFound}, true},
	} {
		if got := tt.v.checkExit(tt.ended); (len(got) > 0) != tt.wrong {
			t.Errorf("%s (%v): %v", tt.name, tt.ended, got)
		}
	}
}
