// Package mcpjob defines jobs, that is, tool calls that outlive their request, as the
// protocol needs them. [Service] starts and stores jobs; internal/jobs implements it. A
// [Job] is also a task of the Tasks extension (SEP-2663), see [Job.Created] and
// [Job.Detailed].
package mcpjob

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"serverless-mcp/internal/keys/apikey"
)

// Call is a checked call of a job.
type Call struct {
	Tool           string
	Arguments      json.RawMessage  // nil means none
	InputResponses json.RawMessage  // the client's responses that came with the call; nil means none
	Principal      apikey.Principal // who called; the job belongs to its key
	Idempotent     bool             // the job may run again after it was interrupted
}

// Status is the state of a job, as the Tasks extension names it.
type Status string

// The states of a job. All but Working are final.
const (
	Working   Status = "working"
	Completed Status = "completed" // has a result, which may be a tool error
	Failed    Status = "failed"    // has a JSON-RPC error
	Cancelled Status = "cancelled"
)

// Error is the JSON-RPC error of a failed job.
type Error struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// Job is a job as it is stored.
type Job struct {
	ID        string // unguessable
	Tool      string
	Status    Status
	Message   string // progress or reason, for people and models; may be empty
	CreatedAt time.Time
	UpdatedAt time.Time
	TTL       time.Duration   // how long the job is kept, from CreatedAt
	Poll      time.Duration   // how long a client should wait before it asks again
	Result    json.RawMessage // a CallToolResult if the job has completed
	Error     *Error          // if the job has failed
}

// ErrUnknown is the error for ids that do not exist, have expired or belong to another
// key. It is one error for all, so that callers cannot tell these ids apart.
var ErrUnknown = errors.New("no such job")

// A Service starts and stores jobs. It is safe for concurrent use.
type Service interface {
	// Start stores a job and makes it run. The job is durable when Start returns. An error
	// for the model, for example that the arguments are too large, is made by tool.Errorf.
	Start(context.Context, Call) (Job, error)
	// Get returns the job of a key, or ErrUnknown.
	Get(ctx context.Context, keyID, id string) (Job, error)
	// Cancel ends the job of a key unless it has ended, or returns ErrUnknown.
	Cancel(ctx context.Context, keyID, id string) error
}
