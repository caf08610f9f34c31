package conformance

import (
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The list allows exactly the failures that it names, and has no outdated entries.
func TestJudge(t *testing.T) {
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
		{"is gone", nil, on("a"), score{0, 1}, []string{"a did not run", "a does not fail: remove it from the list"}},
		{"never ran", nil, nil, score{0, 1}, []string{"a did not run"}},
		{"checked nothing", []scenario{{"a", nil}}, nil, score{0, 1}, []string{"a checked nothing"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := judge(tt.results, []string{"a"}, tt.list)
			if v.required != tt.required {
				t.Errorf("score %+v, want %+v", v.required, tt.required)
			}
			if diff := cmp.Diff(tt.problems, v.problems); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// The exit code of the suite is compared with its results.
func TestCheckExit(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no shell")
	}
	passed, failed := outcome{required: score{1, 1}}, outcome{required: score{1, 1}, others: score{0, 1}}
	exit := func(code string) error { return exec.Command("sh", "-c", "exit "+code).Run() }
	for _, tt := range []struct {
		name  string
		v     outcome
		exit  error
		wrong bool
	}{
		{"all passed", passed, nil, false},
		{"some failed", failed, exit("1"), false},
		{"warnings only", failed, nil, false},
		{"failed without a result", passed, exit("1"), true},
		{"did not finish", failed, exit("2"), true},
		{"killed", failed, exec.Command("sh", "-c", "kill -9 $$").Run(), true},
		{"did not start", failed, exec.ErrNotFound, true},
	} {
		if got := tt.v.checkExit(tt.exit); (len(got) > 0) != tt.wrong {
			t.Errorf("%s (%v): %v", tt.name, tt.exit, got)
		}
	}
}
