package mcpjob

import (
	"encoding/json"
	"time"
)

// Extension is the id of the Tasks extension.
const Extension = "io.modelcontextprotocol/tasks"

// The methods of the Tasks extension.
const (
	MethodGet    = "tasks/get"
	MethodUpdate = "tasks/update"
	MethodCancel = "tasks/cancel"
)

// Values of resultType.
const (
	resultTask     = "task"     // only in the response that creates a task
	resultComplete = "complete" // in all others
)

// Required returns the data of the error for clients that have not declared the
// extension.
func Required() any {
	return map[string]any{"requiredCapabilities": map[string]any{"extensions": map[string]any{Extension: struct{}{}}}}
}

// Acknowledged returns the result of tasks/update and tasks/cancel.
func Acknowledged() any { return map[string]any{"resultType": resultComplete} }

// task is the wire form of a job.
// https://modelcontextprotocol.github.io/ext-tasks/specification/2026-07-28/tasks.html#tasks
type task struct {
	ResultType     string          `json:"resultType"`
	TaskID         string          `json:"taskId"`
	Status         Status          `json:"status"`
	StatusMessage  string          `json:"statusMessage,omitempty"`
	CreatedAt      string          `json:"createdAt"`
	LastUpdatedAt  string          `json:"lastUpdatedAt"`
	TTLMs          int64           `json:"ttlMs"`
	PollIntervalMs int64           `json:"pollIntervalMs,omitempty"`
	Result         json.RawMessage `json:"result,omitempty"`
	Error          *Error          `json:"error,omitempty"`
}

func (j Job) task(resultType string) task {
	return task{
		ResultType: resultType, TaskID: j.ID, Status: j.Status, StatusMessage: j.Message,
		CreatedAt: stamp(j.CreatedAt), LastUpdatedAt: stamp(j.UpdatedAt),
		TTLMs: j.TTL.Milliseconds(), PollIntervalMs: j.Poll.Milliseconds(),
	}
}

// Created returns the job as the result of the call that started it
// (CreateTaskResult), which has neither result nor error.
func (j Job) Created() any { return j.task(resultTask) }

// Detailed returns the job as the result of tasks/get (DetailedTask).
func (j Job) Detailed() any {
	t := j.task(resultComplete)
	switch j.Status {
	case Completed:
		t.Result = j.Result
	case Failed:
		t.Error = j.Error
	}
	return t
}

// stamp formats a time as ISO 8601.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
