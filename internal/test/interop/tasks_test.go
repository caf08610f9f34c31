package interop_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"slices"
	"testing"

	"serverless-mcp/internal/test/interop"
)

// TestTasksClient runs the sample job through the gateway with the client library of the
// Tasks extension: a job with a result, one with a tool error before it starts, one that is
// cancelled, and a tool that is not a job.
func TestTasksClient(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("../../../tools/count_primes.go"); errors.Is(err, fs.ErrNotExist) {
		t.Skip("the sample job has been deleted")
	}
	node := interop.Install(t)
	system := interop.Chain(t, "functions", map[string]string{
		"API_KEY": rightKey, "SERVER_NAME": "interop", "JOBS": "true", "TOOL_SAMPLE_JOB": "true", "THROTTLE_RATE": "1000", "THROTTLE_BURST": "1000",
	})
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	var got struct {
		Error      string
		Executions []struct {
			Kind    string
			States  []string
			Outcome struct {
				Status string
				Result result
			}
		}
	}
	request := map[string]any{"url": system.URL + "/mcp", "key": rightKey, "calls": json.RawMessage(`[
		{"name":"count_primes","arguments":{"below":30000000}},
		{"name":"count_primes","arguments":{"below":1}},
		{"name":"count_primes","arguments":{"below":20000000000},"cancel":true},
		{"name":"calculate","arguments":{"operation":"multiply","a":6,"b":7}}]`)}
	if err := runScript(ctx, node, "tasks", request, &got); err != nil || got.Error != "" || len(got.Executions) != 4 {
		t.Fatalf("%v: %+v", err, got)
	}
	counted, rejected, cancelled, plain := got.Executions[0], got.Executions[1], got.Executions[2], got.Executions[3]
	if counted.Kind != "task" || counted.Outcome.Status != "completed" || counted.Outcome.Result.StructuredContent["count"] != 1857859.0 || !slices.Contains(counted.States, "completed") {
		t.Errorf("job: %+v, want a task that counts 1857859 primes", counted)
	}
	if rejected.Kind != "immediate" || !rejected.Outcome.Result.IsError {
		t.Errorf("invalid arguments: %+v, want a tool error and no task", rejected)
	}
	if cancelled.Kind != "task" || cancelled.Outcome.Status != "cancelled" {
		t.Errorf("cancelled job: %+v", cancelled)
	}
	if plain.Kind != "immediate" || plain.Outcome.Result.StructuredContent["result"] != 42.0 {
		t.Errorf("tool that is not a job: %+v", plain)
	}
}
