package tool

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
)

// confirmation is the id of the request that [Confirm] makes, and the name of its
// only field.
const confirmation = "confirm"

type requestKey struct{}

// Confirm returns a result with which a tool asks the user to agree to something. The
// client shows the message and calls the tool again with the same arguments; [Confirmed]
// then returns the response. Without sessions, only clients of protocol 2026-07-28 and
// later can be asked; other clients get a tool error that says so.
func Confirm(message string) *mcp.CallToolResult {
	form := mcp.NewElicitationInputRequest(mcp.ElicitationParams{
		Message: message,
		RequestedSchema: map[string]any{
			"type":       "object",
			"properties": map[string]any{confirmation: map[string]any{"type": "boolean", "description": "whether to go on"}},
			"required":   []string{confirmation},
		},
	})
	return &mcp.CallToolResult{
		Result:               mcp.Result{ResultType: mcp.ResultTypeInputRequired},
		MultiRoundTripResult: mcp.MultiRoundTripResult{InputRequests: mcp.InputRequests{confirmation: form}},
	}
}

// Confirmed returns the user's response to [Confirm] in the current call. answered is
// false if there is none yet.
func Confirmed(ctx context.Context) (agreed, answered bool) {
	response := Responses(ctx)[confirmation]
	if response.Elicitation == nil {
		_ = response.DecodeFor(mcp.MethodElicitationCreate) // an undecodable response counts as none
	}
	if response.Elicitation == nil {
		return false, false
	}
	content, _ := response.Elicitation.Content.(map[string]any)
	agreed, _ = content[confirmation].(bool)
	return agreed && response.Elicitation.Action == mcp.ElicitationResponseActionAccept, true
}

// Responses returns the client's responses in the current call to requests in earlier
// results; nil if there are none. For a job, they are those of the call that started it.
func Responses(ctx context.Context) mcp.InputResponses {
	request, _ := ctx.Value(requestKey{}).(*mcp.CallToolRequest)
	if request == nil {
		return nil
	}
	return request.Params.InputResponses
}
