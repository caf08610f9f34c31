package mcpserver

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/mcp/mcpjob"
	"serverless-mcp/internal/tool"
)

// defaultJobWait is how long a call waits for a job before the model gets its id.
const defaultJobWait = 20 * time.Second

// jobs starts the jobs of a set and waits for them.
type jobs struct {
	service mcpjob.Service // nil means that jobs cannot outlive their call
	inCall  bool           // without a service, jobs run in their call
	wait    time.Duration
	guard
}

func newJobs(o Options) jobs {
	return jobs{o.Jobs, o.JobsInCall, cmp.Or(o.JobWait, defaultJobWait), guard{log: o.Log}}
}

// errJobsOff is the result of a job that neither a service nor the call can run.
var errJobsOff = tool.Errorf("this tool runs longer than a call may, and jobs are off on this server: " +
	"its operator has to set JOBS=true in .env and deploy again")

// errNeedsTasks rejects a call of a job that is for clients with the Tasks extension
// only.
var errNeedsTasks = errors.New("missing required client capability: the extension " + mcpjob.Extension)

// handle handles a call of a job. For a client with the Tasks extension, the result is
// only a placeholder: mcphttp sends the task of [Response] instead.
func (j jobs) handle(ctx context.Context, t tool.Tool, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	asTask := j.service != nil && declaresTasks(ctx) && stateFrom(ctx) != nil
	if j.service != nil && t.IsTasksOnly() && !asTask {
		return nil, errNeedsTasks
	}
	if result, err := t.Prepare(ctx, request); result != nil || err != nil {
		return result, err
	}
	switch {
	case j.service == nil && j.inCall:
		return t.Handle(ctx, request)
	case j.service == nil:
		return nil, errJobsOff
	}
	call, err := jobCall(ctx, t, request)
	if err != nil {
		return nil, err
	}
	job, err := j.service.Start(ctx, call)
	if err != nil {
		return nil, err
	}
	if asTask {
		stateFrom(ctx).job.Store(&job)
		return mcp.NewToolResultText("the job " + job.ID + " has started"), nil
	}
	return j.await(ctx, call.Principal.KeyID, job)
}

// jobCall returns the parts of a call that are stored with the job.
func jobCall(ctx context.Context, t tool.Tool, request mcp.CallToolRequest) (mcpjob.Call, error) {
	p, _ := tool.PrincipalFrom(ctx)
	call := mcpjob.Call{Tool: t.Definition().Name, Arguments: request.Params.RawArguments, Principal: p, Idempotent: t.IsIdempotent()}
	if len(request.Params.InputResponses) > 0 {
		var err error
		if call.InputResponses, err = json.Marshal(request.Params.InputResponses); err != nil {
			return call, errParams
		}
	}
	return call, nil
}

// declaresTasks reports whether the client has declared the Tasks extension in this
// request. Only clients of 2026-07-28 or later can.
func declaresTasks(ctx context.Context) bool {
	if !server.IsModernRequest(ctx) {
		return false
	}
	_, declared := declaredIn(ctx).Extensions[mcpjob.Extension]
	return declared
}
