package lambdaops

import (
	"context"
	"fmt"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/lambdaops/retry"
	"serverless-mcp/internal/tool"
)

// call is one tool call. The tool's function uses it to report progress and to ask the
// user. It is passed in the context, because package tool passes a typed function only the
// context and the decoded input.
type call struct {
	request mcp.CallToolRequest
	canAsk  bool
	notify  func(done float64, message string) // nil if the client did not request progress

	mu        sync.Mutex
	done      float64
	throttled int
	question  *mcp.CallToolResult // asks the user; returned instead of a result
	failed    bool                // the result is an error
}

type callKey struct{}

func withCall(ctx context.Context, c *call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

func callFrom(ctx context.Context) *call {
	c, ok := ctx.Value(callKey{}).(*call)
	if !ok {
		return &call{}
	}
	return c
}

// wrap adds the [call] to the context of a tool's function.
func wrap(t tool.Tool) tool.Tool {
	if t.Err() != nil {
		return t
	}
	return tool.Raw(t.Definition(), func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		c := &call{request: request, canAsk: canAsk(ctx), notify: notifier(ctx, request)}
		ctx = withCall(ctx, c)
		ctx = retry.WithThrottleCallback(ctx, c.reportThrottling)
		result, err := t.Handle(ctx, request)
		if c.question != nil {
			return c.question, nil
		}
		if result != nil && c.failed {
			result.IsError = true
		}
		return result, err
	})
}

// notifier returns a function that sends progress, or nil if the client did not
// request it. Progress must be sent before the work that it announces: on stdio a later
// notification can arrive after the result.
func notifier(ctx context.Context, request mcp.CallToolRequest) func(done float64, message string) {
	s := server.ServerFromContext(ctx)
	if s == nil || request.Params.Meta == nil || request.Params.Meta.ProgressToken == nil {
		return nil
	}
	return func(done float64, message string) {
		params := map[string]any{"progressToken": request.Params.Meta.ProgressToken, "progress": done, "message": message}
		_ = s.SendNotificationToClient(ctx, "notifications/progress", params) // failing to notify does not stop the call
	}
}

// progress reports progress. The protocol requires growing values, so it adds a little
// if done is not greater than before.
func (c *call) progress(done float64, message string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done = max(done, c.done+0.001)
	if c.notify != nil {
		c.notify(c.done, message)
	}
}

func (c *call) step(message string) {
	c.mu.Lock()
	next := float64(int(c.done) + 1)
	c.mu.Unlock()
	c.progress(next, message)
}

// reportThrottling reports that AWS throttled a call, which the SDK then repeats.
func (c *call) reportThrottling() {
	c.mu.Lock()
	c.throttled++
	n, done := c.throttled, c.done
	c.mu.Unlock()
	c.progress(done, fmt.Sprintf("AWS throttled a call; repeating it more slowly (%d so far)", n))
}

func (c *call) throttledCalls() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.throttled
}

// fail marks the result as an error.
func (c *call) fail() { c.failed = true }

// canAsk reports whether the client supports form-mode elicitation.
func canAsk(ctx context.Context) bool {
	session, ok := server.ClientSessionFromContext(ctx).(server.SessionWithClientInfo)
	if !ok {
		return false
	}
	e := session.GetClientCapabilities().Elicitation
	return e != nil && (e.Form != nil || e.URL == nil) // {} is how older clients declare form mode
}

const confirmation = "confirm"

// confirm returns nil if the user agrees to what is about to happen. If the client can
// ask its user, confirm asks and ignores confirmed, which reports whether the model passed
// confirm: true; otherwise confirmed decides. fingerprint binds the response to the question.
func (c *call) confirm(confirmed bool, fingerprint, what string) error {
	if !c.canAsk {
		if confirmed {
			return nil
		}
		return tool.Errorf("nothing was changed: this requires confirm: true, after the user has agreed to it.\n\n%s", what)
	}
	answer := server.ElicitationResponse(c.request.Params.InputResponses, confirmation)
	if answer == nil || c.request.Params.RequestState != fingerprint {
		c.question = ask(what, fingerprint)
		return tool.Errorf("asking the user")
	}
	content, _ := answer.Content.(map[string]any)
	agreed, _ := content[confirmation].(bool)
	if answer.Action != mcp.ElicitationResponseActionAccept || !agreed {
		return tool.Errorf("nothing was changed: the user did not agree (%s)", answer.Action)
	}
	return nil
}

func ask(what, fingerprint string) *mcp.CallToolResult {
	return server.NewInputRequestBuilder(fingerprint).Elicit(confirmation, mcp.ElicitationParams{
		Mode:    mcp.ElicitationModeForm,
		Message: what,
		RequestedSchema: map[string]any{
			"type":       "object",
			"properties": map[string]any{confirmation: map[string]any{"type": "boolean", "title": "Do it", "description": "Carry out the steps above"}},
			"required":   []string{confirmation},
		},
	}).ToolResult()
}
