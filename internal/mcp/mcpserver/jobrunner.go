package mcpserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/mcp/mcpjob"
	"serverless-mcp/internal/tool"
)

// errJobStopped is the result of a job that returned because its context ended.
var errJobStopped = tool.Errorf("the job was stopped: it was cancelled or out of time")

// JobRunner runs jobs outside of the calls that started them, with the same guards.
type JobRunner struct {
	tools map[string]tool.Tool
	guard guard
}

// NewJobRunner returns a runner for the jobs of a set. Its error lists every mistake in
// the set. log may be nil.
func NewJobRunner(log *slog.Logger, set tool.Set) (*JobRunner, error) {
	if err := set.Check(); err != nil {
		return nil, err
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	r := &JobRunner{map[string]tool.Tool{}, guard{log: log}}
	for _, t := range set.Tools {
		if t.IsJob() {
			r.tools[t.Definition().Name] = t
		}
	}
	return r, nil
}

// Run runs a job and returns a CallToolResult, or the JSON-RPC error with which the job
// failed. report gets the progress as text for people; it may be called from several
// goroutines.
func (r *JobRunner) Run(ctx context.Context, call mcpjob.Call, attempt int, report func(string)) (json.RawMessage, *mcpjob.Error) {
	t, ok := r.tools[call.Tool]
	if !ok {
		return nil, &mcpjob.Error{Code: mcp.INVALID_PARAMS, Message: "the job's tool no longer exists"}
	}
	ctx = tool.WithPrincipal(ctx, call.Principal)
	ctx = tool.WithJob(ctx, attempt, func(done, total float64, message string) { report(progress(done, total, message)) })
	request := mcp.CallToolRequest{Params: mcp.CallToolParams{Name: call.Tool, RawArguments: call.Arguments}}
	if err := restore(call.InputResponses, &request.Params.InputResponses); err != nil {
		return nil, jobError(err)
	}
	var text json.RawMessage
	err := r.guard.run(ctx, "tool "+call.Tool, func() error {
		result, err := t.Handle(ctx, request)
		switch {
		case err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()):
			return errJobStopped // not the tool's error
		case err != nil:
			return err
		case result == nil:
			return errors.New("the tool returned neither a result nor an error")
		case result.NeedsInput():
			return errors.New("the job sent a request to the client; only Tool.Before can")
		}
		text, err = encodeResult(result)
		return err
	})
	if words, ok := jobFault(err); ok {
		text, err = encodeResult(mcp.NewToolResultError(words))
	}
	if err != nil {
		return nil, jobError(err)
	}
	return text, nil
}

// encodeResult encodes the result of a job as it is stored.
func encodeResult(result *mcp.CallToolResult) (json.RawMessage, error) {
	result.ResultType = mcp.ResultTypeComplete
	text, err := json.Marshal(result)
	if err != nil {
		return nil, fmt.Errorf("encode the result: %w", err)
	}
	return text, nil
}

// jobFault returns the text of an error that becomes a tool error, as in a call.
func jobFault(err error) (string, bool) {
	if internal, ok := err.(errInternal); ok {
		return internal.Error(), true
	}
	text, ok := tool.ForModel(err)
	return text, ok && !tool.IsInvalidParams(err)
}

// jobError returns the JSON-RPC error for an error that is meant for the caller.
func jobError(err error) *mcpjob.Error {
	switch {
	case tool.IsInvalidParams(err):
		return &mcpjob.Error{Code: mcp.INVALID_PARAMS, Message: err.Error()}
	case mcp.IsMissingRequiredClientCapability(err):
		return &mcpjob.Error{Code: mcp.MISSING_REQUIRED_CLIENT_CAPABILITY, Message: err.Error()}
	}
	return &mcpjob.Error{Code: mcp.INTERNAL_ERROR, Message: "internal error"}
}

// progress formats a report, such as "3 of 10: reading files".
func progress(done, total float64, message string) string {
	text := strconv.FormatFloat(done, 'f', -1, 64)
	if total > 0 {
		text = fmt.Sprintf("%s of %s", text, strconv.FormatFloat(total, 'f', -1, 64))
	}
	if message != "" {
		text += ": " + message
	}
	return text
}
