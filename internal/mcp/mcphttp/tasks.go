package mcphttp

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcpjob"
)

// This file serves the requests of the Tasks extension (SEP-2663), because mcp-go has only an
// older, incompatible form of it. Tasks are created in mcpserver, see [mcpserver.Response].

// isTaskRequest reports whether the message is a request of the extension. Clients of
// earlier protocol versions cannot declare it; mcp-go rejects their requests.
func (h *handler) isTaskRequest(m message) bool {
	if h.Jobs == nil || !m.modern || m.ID == nil {
		return false
	}
	return m.Method == mcpjob.MethodGet || m.Method == mcpjob.MethodUpdate || m.Method == mcpjob.MethodCancel
}

// task responds to tasks/get, tasks/update and tasks/cancel.
func (h *handler) task(out *response, r *http.Request, m message, p apikey.Principal) *rejection {
	ctx, cancel := h.withMargin(r.Context(), m)
	defer cancel()
	result, job, rejected := h.taskResult(ctx, r.Header, m, p)
	outcome := "ok"
	switch {
	case rejected != nil && rejected.status == statusClientDisconnected:
		return rejected
	case rejected != nil && rejected.code == mcp.INVALID_PARAMS:
		outcome = "not found or not allowed"
	case rejected != nil && rejected.code == mcp.INTERNAL_ERROR:
		outcome = "error"
	case rejected != nil:
		outcome = "rejected"
	}
	lineFrom(ctx).addTask(job.Tool, outcome)
	if rejected != nil {
		out.finish(rejected.status, http.Header{"Content-Type": {"application/json"}, "Cache-Control": {"no-store"}}, rejected.body())
		return nil
	}
	body := mustMarshal(rpcResponse{JSONRPC: mcp.JSONRPC_VERSION, ID: m.ID, Result: result})
	if h.MaxResponse > 0 && int64(len(body)) > h.MaxResponse {
		return m.tooLarge(len(body), h.MaxResponse)
	}
	out.finish(http.StatusOK, jsonHeader, body)
	return nil
}

// taskParams are the params of the extension's requests.
type taskParams struct {
	TaskID string    `json:"taskId"`
	Meta   *mcp.Meta `json:"_meta"`
}

// taskResult returns the result of a request, and the job if it was found.
func (h *handler) taskResult(ctx context.Context, header http.Header, m message, p apikey.Principal) (any, mcpjob.Job, *rejection) {
	id, rejected := taskID(header, m)
	if rejected != nil {
		return nil, mcpjob.Job{}, rejected
	}
	job, err := h.Jobs.Get(ctx, p.KeyID, id)
	if err == nil && !p.Allows(job.Tool) {
		job, err = mcpjob.Job{}, mcpjob.ErrUnknown // the key's scope was reduced
	}
	if err == nil && m.Method == mcpjob.MethodCancel {
		err = h.Jobs.Cancel(ctx, p.KeyID, id)
	}
	switch {
	case errors.Is(err, mcpjob.ErrUnknown):
		return nil, job, rejectMessage(http.StatusBadRequest, mcp.INVALID_PARAMS, m.ID, "no such task")
	case err != nil && errors.Is(ctx.Err(), context.Canceled):
		return nil, job, rejectMessage(statusClientDisconnected, mcp.INTERNAL_ERROR, m.ID, "the client disconnected")
	case err != nil:
		h.Log.ErrorContext(ctx, "internal error", "in", m.Method, "error", err.Error())
		return nil, job, rejectMessage(http.StatusOK, mcp.INTERNAL_ERROR, m.ID, "internal error; see the server's log")
	case m.Method == mcpjob.MethodGet:
		return job.Detailed(), job, nil
	}
	// No job waits for the client's input, so tasks/update has nothing to update:
	// servers ignore responses to requests that they have not sent.
	return mcpjob.Acknowledged(), job, nil
}

// taskID returns the task's id. It makes the checks that mcp-go makes for other requests
// of 2026-07-28, and checks the headers that the extension requires.
func taskID(header http.Header, m message) (string, *rejection) {
	reject := func(code int, reason string) (string, *rejection) {
		return "", rejectMessage(http.StatusBadRequest, code, m.ID, reason)
	}
	var wrapper struct {
		Params taskParams `json:"params"`
	}
	if json.Unmarshal(m.small, &wrapper) != nil {
		return reject(mcp.INVALID_PARAMS, "the params do not match the method")
	}
	params := wrapper.Params
	switch version := params.Meta.ProtocolVersion(); {
	case version == "":
		return reject(mcp.INVALID_PARAMS, "missing or invalid _meta field "+mcp.MetaKeyProtocolVersion)
	case version != header.Get(mcp.HeaderProtocolVersion):
		return reject(mcp.HEADER_MISMATCH, mcp.HeaderProtocolVersion+" does not match the body")
	case header.Get(mcp.HeaderMethod) != m.Method:
		return reject(mcp.HEADER_MISMATCH, mcp.HeaderMethod+" does not match the body")
	}
	capabilities := params.Meta.ClientCapabilities()
	if capabilities == nil {
		return reject(mcp.INVALID_PARAMS, "missing or invalid _meta field "+mcp.MetaKeyClientCapabilities)
	}
	if _, declared := capabilities.Extensions[mcpjob.Extension]; !declared {
		rejected := rejectMessage(http.StatusBadRequest, mcp.MISSING_REQUIRED_CLIENT_CAPABILITY, m.ID, "missing required client capability: the extension "+mcpjob.Extension)
		rejected.data = mcpjob.Required()
		return "", rejected
	}
	if name, ok := mcp.DecodeHeaderValue(header.Get(mcp.HeaderName)); !ok || name != params.TaskID {
		return reject(mcp.HEADER_MISMATCH, mcp.HeaderName+" does not match the body")
	}
	return params.TaskID, nil
}
