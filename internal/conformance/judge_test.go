package conformance

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The list excuses what it names and nothing else, and is not allowed to grow old.
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
		{"passes unexpectedly", []scenario{{"a", []checked{passes("1")}}}, on("a:1"), score{1, 1}, []string{"a:1 does not fail: take it off the list"}},
		{"is gone", nil, on("a"), score{}, []string{"a does not fail: take it off the list"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := judge(tt.results, func(string) bool { return true }, tt.list)
			if v.required != tt.required {
				t.Errorf("score %+v, want %+v", v.required, tt.required)
			}
			if diff := cmp.Diff(tt.problems, v.problems); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}
