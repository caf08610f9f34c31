package tool

import (
	"context"
	"slices"

	"github.com/mark3labs/mcp-go/mcp"
)

// jobInfo holds the fields of a [Tool] that only a job has.
type jobInfo struct {
	idempotent, tasksOnly bool
	before                HandlerFunc // nil means that the job starts at once
}

// NewJob makes a tool that may run for up to 15 minutes, longer than the call that starts
// it: with JOBS=true, jobs run in a separate Lambda function. fn is as for [New]; its
// context ends with the job, and its result may be up to 350 KB.
//
// Clients with the Tasks extension get a task that they poll. For others the call
// waits for a while, and the model then gets the job's id for the tool "job".
//
// A job that is interrupted, for example by a crash, runs again if Info.Idempotent is
// true, up to five times. Otherwise it ends with an error, because it may have done part
// of its work. fn cannot send server-to-client requests; [Tool.Before] can ask the user
// first.
//
// The definition has no output schema, because a client that waits in calls may first get
// a text. The result still has structured content.
func NewJob[In, Out any](info Info, fn func(ctx context.Context, in In) (Out, error)) Tool {
	job := &jobInfo{idempotent: info.Idempotent, tasksOnly: info.TasksOnly}
	info.TasksOnly = false
	t := New(info, fn)
	t.job, t.definition.RawOutputSchema = job, nil
	return t
}

// Before returns the job with a function that runs in the call, after the arguments were
// checked and before the job starts. If fn returns a result, such as that of [Confirm], it
// is sent and the job does not start; if it returns nil, the job starts. The job gets the
// same request, so it can also use [Confirmed].
func (t Tool) Before(fn HandlerFunc) Tool {
	if t.job == nil {
		t.problems = append(slices.Clone(t.problems), "Before is for jobs: use NewJob")
		return t
	}
	job := *t.job
	job.before = fn
	t.job = &job
	return t
}

// IsJob reports whether the tool was made by [NewJob].
func (t Tool) IsJob() bool { return t.job != nil }

// IsIdempotent reports whether a job may run again after it was interrupted.
func (t Tool) IsIdempotent() bool { return t.job != nil && t.job.idempotent }

// IsTasksOnly reports whether a job rejects clients without the Tasks extension.
func (t Tool) IsTasksOnly() bool { return t.job != nil && t.job.tasksOnly }

// Prepare checks the arguments of a call of a job and runs the function that [Tool.Before]
// added. A non-nil result is the response to the call; nil means that the job can start.
func (t Tool) Prepare(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	if t.job == nil {
		return nil, nil
	}
	result, err := t.check(ctx, request)
	if result == nil && err == nil && t.job.before != nil {
		result, err = t.job.before(context.WithValue(ctx, requestKey{}, &request), request)
		if err != nil {
			return failure(err)
		}
	}
	return result, err
}

// Job is one run of a job.
type Job struct {
	attempt int
	notify  func(done, total float64, message string)
}

type jobKey struct{}

// WithJob returns a context for a run of a job. attempt counts the runs from 1, and
// report gets the progress; it may be nil.
func WithJob(ctx context.Context, attempt int, report func(done, total float64, message string)) context.Context {
	ctx = WithNotifier(ctx, Notifier{Progress: report})
	return context.WithValue(ctx, jobKey{}, attempt)
}

// JobFrom returns the current run of a job. In a tool that is not a job, or a job that
// runs in its call, the attempt is 1, and progress is sent to the client if it requested
// progress.
func JobFrom(ctx context.Context) Job {
	n, _ := ctx.Value(notifierKey{}).(Notifier)
	attempt, ok := ctx.Value(jobKey{}).(int)
	if !ok {
		attempt = 1
	}
	return Job{attempt: attempt, notify: n.Progress}
}

// Progress reports how far the job is: done of total steps, and a message for people and
// models about the current step. A total of 0 means unknown. Progress may be called often:
// only the newest report is stored, every few seconds.
func (j Job) Progress(done, total float64, message string) {
	if j.notify != nil {
		j.notify(done, total, message)
	}
}

// Attempt counts the runs of this job, from 1. It is greater if an earlier run was
// interrupted and Info.Idempotent is true.
func (j Job) Attempt() int { return j.attempt }
