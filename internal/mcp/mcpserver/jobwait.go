package mcpserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/mcp/mcpjob"
	"serverless-mcp/internal/tool"
)

// A job's state is read after firstJobPoll, and then at growing intervals of up to
// slowestJobPoll.
const (
	firstJobPoll   = 200 * time.Millisecond
	slowestJobPoll = time.Second
)

// jobMargin is the time before a call's deadline that is reserved for the response.
const jobMargin = time.Second

type jobInput struct {
	ID     string `json:"id" min:"1" max:"100" doc:"id of the job, from the result of the tool that started it"`
	Cancel bool   `json:"cancel,omitempty" doc:"whether to cancel the job instead of waiting for it"`
}

// tool declares the tool with which clients without the Tasks extension wait for jobs.
func (j jobs) tool() tool.Tool {
	return tool.New(tool.Info{
		Name: tool.JobTool, Title: "Job",
		Description: "Waits for a job that another tool has started, and returns its result, " +
			"or cancels it. Call it again while the job is running.",
		Idempotent: true,
	}, func(ctx context.Context, in jobInput) (*mcp.CallToolResult, error) {
		p, _ := tool.PrincipalFrom(ctx)
		job, err := j.service.Get(ctx, p.KeyID, in.ID)
		switch {
		case errors.Is(err, mcpjob.ErrUnknown), err == nil && !p.Allows(job.Tool):
			return nil, tool.Errorf("there is no job with this id; jobs are kept for a day")
		case err != nil:
			return nil, err
		case in.Cancel && job.Status == mcpjob.Working:
			if err := j.service.Cancel(ctx, p.KeyID, in.ID); err != nil {
				return nil, err
			}
			if job, err = j.service.Get(ctx, p.KeyID, in.ID); err != nil {
				return nil, err
			}
			if job.Status == mcpjob.Cancelled {
				return mcp.NewToolResultText("The job was cancelled. What it had done before remains."), nil
			}
		}
		return j.await(ctx, p.KeyID, job)
	})
}

// await waits for a job to end and returns its result. If it is still running after
// the wait, the result is a text with its id.
func (j jobs) await(ctx context.Context, keyID string, job mcpjob.Job) (*mcp.CallToolResult, error) {
	wait := j.wait
	if deadline, ok := ctx.Deadline(); ok {
		wait = min(wait, time.Until(deadline)-jobMargin)
	}
	end := time.After(wait)
	pause := firstJobPoll
	for job.Status == mcpjob.Working {
		select {
		case <-time.After(pause):
		case <-end:
			return stillRunning(job), nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		pause = min(pause*3/2, slowestJobPoll)
		now, err := j.service.Get(ctx, keyID, job.ID)
		switch {
		case errors.Is(err, mcpjob.ErrUnknown):
			return nil, tool.Errorf("the job is no longer stored")
		case err != nil && ctx.Err() == nil:
			// The caller needs the id more than this error.
			j.log.WarnContext(ctx, "cannot read a job", "error", err.Error())
		case err == nil:
			job = now
		}
	}
	return outcome(job)
}

// stillRunning describes a job to a model that has to wait for it.
func stillRunning(job mcpjob.Job) *mcp.CallToolResult {
	progress := ""
	if job.Message != "" {
		progress = " Its last report: " + job.Message + "."
	}
	return mcp.NewToolResultText(fmt.Sprintf("The job is still running; this is not its result.%s Call the tool %q with "+
		"the id %q to wait for the result, or with cancel set to true to cancel it.", progress, tool.JobTool, job.ID))
}

// outcome returns the result of a job that has ended.
func outcome(job mcpjob.Job) (*mcp.CallToolResult, error) {
	switch job.Status {
	case mcpjob.Completed:
		var result mcp.CallToolResult
		if err := json.Unmarshal(job.Result, &result); err != nil {
			return nil, fmt.Errorf("decode the result of job %s: %w", job.ID, err)
		}
		result.ResultType = "" // set by mcp-go for the protocol version of this request
		return &result, nil
	case mcpjob.Failed:
		return nil, tool.Errorf("the job failed: %s", job.Error.Message)
	}
	return nil, tool.Errorf("the job was cancelled")
}
