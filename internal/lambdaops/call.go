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

// call is one call of a tool: what its function can do besides returning a
// result. It travels in the context, because that is all of a call that a typed
// function of package tool gets.
type call struct {
	request mcp.CallToolRequest
	canAsk  bool
	notify  func(done, total float64, words string)

	mu        sync.Mutex
	done      float64
	throttled int
	question  *mcp.CallToolResult // to be put to the user instead of a result
	failed    bool                // the result is one of a failure
}

type callKey struct{}

func callFrom(ctx context.Context) *call {
	c, ok := ctx.Value(callKey{}).(*call)
	if !ok {
		return &call{}
	}
	return c
}

// wrap gives a tool's function its [call].
func wrap(t tool.Tool) tool.Tool {
	if t.Err() != nil {
		return t
	}
	return tool.Raw(t.Definition(), func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		c := &call{request: request, canAsk: canAsk(ctx), notify: notifier(ctx, request)}
		ctx = context.WithValue(ctx, callKey{}, c)
		ctx = retry.WithThrottleCallback(ctx, c.slowed)
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

// notifier sends progress to a client that asked for it. Whoever tells
// something tells it before the work, not after: on stdio a notification may
// otherwise arrive behind the result.
func notifier(ctx context.Context, request mcp.CallToolRequest) func(done, total float64, words string) {
	s := server.ServerFromContext(ctx)
	if s == nil || request.Params.Meta == nil || request.Params.Meta.ProgressToken == nil {
		return nil
	}
	return func(done, total float64, words string) {
		params := map[string]any{"progressToken": request.Params.Meta.ProgressToken, "progress": done, "message": words}
		if total > 0 {
			params["total"] = total
		}
		_ = s.SendNotificationToClient(ctx, "notifications/progress", params) // a client that does not listen stops nothing
	}
}

// progress tells how far the call has come; what is not further than before is
// moved on a little, as the protocol wants it to grow.
func (c *call) progress(done float64, words string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done = max(done, c.done+0.001)
	if c.notify != nil {
		c.notify(c.done, 0, words)
	}
}

func (c *call) step(words string) {
	c.mu.Lock()
	next := float64(int(c.done) + 1)
	c.mu.Unlock()
	c.progress(next, words)
}

// slowed tells that AWS throttled a call, which is made again.
func (c *call) slowed() {
	c.mu.Lock()
	c.throttled++
	n, done := c.throttled, c.done
	c.mu.Unlock()
	c.progress(done, fmt.Sprintf("AWS throttles; slowing down and asking again (%d so far)", n))
}

func (c *call) slowedSoFar() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.throttled
}

// fail marks the result as one of a failure, which clients show as such.
func (c *call) fail() { c.failed = true }

// canAsk reports whether the client can put a question to its user.
func canAsk(ctx context.Context) bool {
	session, ok := server.ClientSessionFromContext(ctx).(server.SessionWithClientInfo)
	if !ok {
		return false
	}
	e := session.GetClientCapabilities().Elicitation
	return e != nil && (e.Form != nil || e.URL == nil) // {} is the older way to say form
}

const confirmation = "confirm"

// confirm gets the user's word for a change: by asking where the client can
// ask, whatever the model has said; else the model has to have said confirm:
// true. fingerprint binds a response to what was shown.
func (c *call) confirm(said bool, fingerprint, what string) error {
	if !c.canAsk {
		if said {
			return nil
		}
		return tool.Errorf("nothing was changed: this needs confirm: true, after the user has agreed to it.\n\n%s", what)
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
