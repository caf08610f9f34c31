package tool

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mark3labs/mcp-go/mcp"
)

type jobIn struct {
	N int `json:"n" min:"1" doc:"a number"`
}

type jobOut struct {
	Attempt int `json:"attempt" doc:"which run it is"`
}

func declareJob(info Info) Tool {
	info.Name, info.Description = "fixture", "A fixture."
	return NewJob(info, func(ctx context.Context, in jobIn) (jobOut, error) {
		job := JobFrom(ctx)
		job.Progress(1, 2, "half")
		Progress(ctx, 2, 2, "done")
		return jobOut{job.Attempt()}, nil
	})
}

// A job is a tool with the same input schema and no output schema, as its first result
// may be a text.
func TestJobDefinition(t *testing.T) {
	got := declareJob(Info{Idempotent: true}).Definition()
	want := New(Info{Name: "fixture", Description: "A fixture.", Idempotent: true}, func(context.Context, jobIn) (string, error) { return "", nil }).Definition()
	if diff := cmp.Diff(string(want.RawInputSchema), string(got.RawInputSchema)); diff != "" || got.RawOutputSchema != nil {
		t.Errorf("output schema %s, input schema (-want +got):\n%s", got.RawOutputSchema, diff)
	}
}

func TestKindsOfJobs(t *testing.T) {
	for _, tt := range []struct {
		tool                       Tool
		job, idempotent, tasksOnly bool
	}{
		{declareJob(Info{}), true, false, false},
		{declareJob(Info{Idempotent: true}), true, true, false},
		{declareJob(Info{TasksOnly: true}), true, false, true},
		{New(Info{Name: "x", Description: "x", Idempotent: true}, nothing), false, false, false},
	} {
		if tt.tool.IsJob() != tt.job || tt.tool.IsIdempotent() != tt.idempotent || tt.tool.IsTasksOnly() != tt.tasksOnly {
			t.Errorf("job %t, idempotent %t, tasks only %t; want %+v", tt.tool.IsJob(), tt.tool.IsIdempotent(), tt.tool.IsTasksOnly(), tt)
		}
	}
}

func TestJobRun(t *testing.T) {
	var reports []string
	ctx := WithJob(t.Context(), 3, func(_, _ float64, message string) { reports = append(reports, message) })
	result, err := declareJob(Info{}).Handle(ctx, mcp.CallToolRequest{Params: mcp.CallToolParams{RawArguments: json.RawMessage(`{"n":1}`)}})
	if err != nil || text(t, result) != `{"attempt":3}` {
		t.Errorf("result %+v, error %v, want the third attempt", result, err)
	}
	if diff := cmp.Diff([]string{"half", "done"}, reports); diff != "" {
		t.Errorf("reports (-want +got):\n%s", diff)
	}
	// A job that runs in its call is at attempt 1; this client has not requested progress.
	if result, err = call(t, declareJob(Info{}), `{"n":1}`); err != nil || text(t, result) != `{"attempt":1}` {
		t.Errorf("within its call: result %+v, error %v", result, err)
	}
}

// Prepare checks the arguments as a call does, and runs the function of Before.
func TestPrepare(t *testing.T) {
	asks := declareJob(Info{}).Before(func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return Confirm("sure?"), nil
	})
	rejects := declareJob(Info{}).Before(func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return nil, Errorf("not today")
	})
	for _, tt := range []struct {
		name      string
		job       Tool
		arguments string
		want      string // of the result; "" means that the job can start
	}{
		{"starts", declareJob(Info{}), `{"n":1}`, ""},
		{"invalid", declareJob(Info{}), `{"n":0}`, "at least 1"},
		{"asks", asks, `{"n":1}`, "sure?"},
		{"invalid before it asks", asks, `{"n":0}`, "at least 1"},
		{"rejects", rejects, `{"n":1}`, "not today"},
	} {
		result, err := tt.job.Prepare(t.Context(), mcp.CallToolRequest{Params: mcp.CallToolParams{RawArguments: json.RawMessage(tt.arguments)}})
		if got, _ := json.Marshal(result); err != nil || (result == nil) != (tt.want == "") || !strings.Contains(string(got), tt.want) {
			t.Errorf("%s: %s, %v, want %q", tt.name, got, err, tt.want)
		}
	}
}

func TestJobMistakes(t *testing.T) {
	plain := New(Info{Name: "plain", Description: "x", TasksOnly: true}, func(context.Context, struct{}) (string, error) { return "", nil })
	if err := plain.Err(); err == nil || !strings.Contains(err.Error(), "TasksOnly is for jobs") {
		t.Errorf("TasksOnly: %v", err)
	}
	if err := declaredWith[struct{}, string]().Before(nil).Err(); err == nil || !strings.Contains(err.Error(), "Before is for jobs") {
		t.Errorf("Before: %v", err)
	}
	job := declareJob(Info{TasksOnly: true, Idempotent: true})
	if err := job.Err(); err != nil || !job.IsJob() || !job.IsTasksOnly() || !job.IsIdempotent() {
		t.Errorf("job: %v, %+v", err, job.job)
	}
	set := Set{Tools: []Tool{job}}
	if !set.HasJobs() || (Set{Tools: []Tool{plain}}).HasJobs() {
		t.Error("HasJobs is wrong")
	}
	if err := set.Check(); err != nil {
		t.Error(err)
	}
	set.Tools = append(set.Tools, New(Info{Name: JobTool, Description: "x"}, func(context.Context, struct{}) (string, error) { return "", nil }))
	if err := set.Check(); err == nil || !strings.Contains(err.Error(), "rename it") {
		t.Errorf("a tool with the reserved name: %v", err)
	}
}
