package mcpserver

import (
	"context"
	"encoding/json"
	"sync/atomic"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/mcp/mcpjob"
)

// Response is the response to a message.
type Response struct {
	Message mcp.JSONRPCMessage // a mcp.JSONRPCResponse or mcp.JSONRPCError; nil after a notification
	Job     *mcpjob.Job        // the job that the call started, if its client polls jobs (Message is then a placeholder); else nil
}

// Respond returns the response of a server made by [New]. mcp-go gives nearly every error
// the code -32603 and does not let handlers choose another, so Respond replaces the code,
// the message and the data with those that the specification requires.
func Respond(ctx context.Context, s *server.MCPServer, message json.RawMessage) Response {
	state := &requestState{}
	response := s.HandleMessage(context.WithValue(ctx, stateKey{}, state), message)
	if failed, ok := response.(mcp.JSONRPCError); ok {
		response = state.correction.Load().apply(failed)
	}
	return Response{response, state.job.Load()}
}

type stateKey struct{}

// requestState holds what the hooks and tools of a request pass to [Respond].
type requestState struct {
	correction atomic.Pointer[correction] // nil if there is nothing to correct
	lenient    atomic.Pointer[string]     // deviations from the schema that the tool accepted; nil means none
	job        atomic.Pointer[mcpjob.Job] // started for a client that polls it; nil means none
}

// stateFrom returns the state of the current request; nil outside [Respond].
func stateFrom(ctx context.Context) *requestState {
	state, _ := ctx.Value(stateKey{}).(*requestState)
	return state
}
