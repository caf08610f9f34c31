package lambdaops

import (
	"context"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/emulator/awsfake"
)

func changed(w *world) bool {
	for _, op := range []string{"PublishVersion", "CreateFunction", "DeleteFunction", "UpdateFunctionConfiguration", "UpdateAlias", "Invoke"} {
		if w.calls[op] > 0 {
			return true
		}
	}
	return false
}

func TestUpgradeNeedsConfirmation(t *testing.T) {
	w := newWorld(t, awsfake.LambdaOptions{}, function("orders", "nodejs18.x"))
	var out upgradeOutput
	if _, isError := w.call(t, "upgrade_runtime", map[string]any{"function": "orders", "dry_run": true, "confirm": true}, &out); isError || out.Outcome != "plan" || out.Plan.To != "nodejs24.x" || out.Plan.LatestBack == nil || !*out.Plan.LatestBack || changed(w) {
		t.Errorf("dry run: %+v, changed %v", out, changed(w))
	}
	if text, isError := w.call(t, "upgrade_runtime", map[string]any{"function": "orders"}, nil); !isError || !strings.Contains(text, "confirm: true") || !strings.Contains(text, "1. publish") || changed(w) {
		t.Errorf("without confirm: %q, changed %v", text, changed(w))
	}
	if text, isError := w.call(t, "upgrade_runtime", map[string]any{"function": "orders", "confirm": true}, &out); isError || out.Outcome != "upgraded" {
		t.Errorf("with confirm: %q", text)
	}
	if got := w.aws.Runtime("orders", "$LATEST"); got != "nodejs24.x" {
		t.Errorf("$LATEST has %s", got)
	}
	if text, isError := w.call(t, "rollback_runtime", map[string]any{"function": "orders"}, nil); !isError || !strings.Contains(text, "confirm: true") {
		t.Errorf("rollback without confirm: %q", text)
	}
	var back rollbackOutput
	if text, isError := w.call(t, "rollback_runtime", map[string]any{"function": "orders", "confirm": true}, &back); isError || back.Outcome != "rolled back" || w.aws.Runtime("orders", "$LATEST") != "nodejs18.x" {
		t.Errorf("rollback: %q", text)
	}
}

// TestQuestionIsComplete: the question names each alias, even one that stays, and mentions
// callers that use no alias.
func TestQuestionIsComplete(t *testing.T) {
	f := function("orders", "nodejs18.x")
	f.Versions, f.Aliases = 2, map[string]string{"live": "2", "dev": "$LATEST", "old": "1"}
	w := newWorld(t, awsfake.LambdaOptions{}, f)
	text, _ := w.call(t, "upgrade_runtime", map[string]any{"function": "orders"}, nil)
	for _, want := range []string{
		"(arn:aws:lambda:eu-central-1:123456789012:function:orders):\n1. publish",
		"shift alias live from version 2", "point alias dev to $LATEST again",
		"Alias old is not upgraded: version 1 and $LATEST differ in code, and $LATEST has not been released to this alias: it stays on nodejs18.x.",
		"Note: callers that use the function without an alias get the new runtime at the update, before the test.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the question lacks %q:\n%s", want, text)
		}
	}
	if strings.Count(text, "is not upgraded") != 1 {
		t.Errorf("not only the alias old is left as it is:\n%s", text)
	}
}

func TestFailedUpgradeIsAnError(t *testing.T) {
	w := newWorld(t, awsfake.LambdaOptions{Respond: func(awsfake.LambdaInvocation) awsfake.LambdaResponse {
		return awsfake.LambdaResponse{Payload: []byte(`{}`), Error: "Unhandled"}
	}}, function("orders", "nodejs18.x"))
	var out upgradeOutput
	_, isError := w.call(t, "upgrade_runtime", map[string]any{"function": "orders", "confirm": true}, &out)
	if !isError || out.Outcome != "untouched" || !strings.Contains(out.Reason, "test the copy") {
		t.Errorf("error %v, %+v", isError, out)
	}
	if got := w.aws.Functions(); len(got) != 1 {
		t.Errorf("functions left: %v", got)
	}
}

func TestUpgradeRefused(t *testing.T) {
	f := function("orders", "nodejs18.x")
	f.UpdateMode = "Manual"
	w := newWorld(t, awsfake.LambdaOptions{}, f)
	text, isError := w.call(t, "upgrade_runtime", map[string]any{"function": "orders", "confirm": true}, nil)
	if !isError || !strings.HasPrefix(text, "refused, and nothing was changed: runtime management is Manual") || changed(w) {
		t.Errorf("%q, changed %v", text, changed(w))
	}
}

// TestConfirm: if the client can ask its user, only the user's response to the plan that was
// shown counts, whatever the model passes.
func TestConfirm(t *testing.T) {
	answered := func(state string, action mcp.ElicitationResponseAction, content any) mcp.CallToolRequest {
		var r mcp.CallToolRequest
		r.Params.RequestState = state
		r.Params.InputResponses = mcp.InputResponses{confirmation: mcp.NewElicitationInputResponse(mcp.ElicitationResult{
			ElicitationResponse: mcp.ElicitationResponse{Action: action, Content: content},
		})}
		return r
	}
	yes := map[string]any{confirmation: true}
	for name, tc := range map[string]struct {
		request mcp.CallToolRequest
		asks    bool
		agreed  bool
	}{
		"not asked yet":            {mcp.CallToolRequest{}, true, false},
		"agreed":                   {answered("plan", mcp.ElicitationResponseActionAccept, yes), false, true},
		"agreed to an old plan":    {answered("older plan", mcp.ElicitationResponseActionAccept, yes), true, false},
		"box not ticked":           {answered("plan", mcp.ElicitationResponseActionAccept, map[string]any{confirmation: false}), false, false},
		"accepted without content": {answered("plan", mcp.ElicitationResponseActionAccept, nil), false, false},
		"declined":                 {answered("plan", mcp.ElicitationResponseActionDecline, yes), false, false},
		"cancelled":                {answered("plan", mcp.ElicitationResponseActionCancel, nil), false, false},
	} {
		t.Run(name, func(t *testing.T) {
			c := &call{canAsk: true, request: tc.request}
			err := c.confirm(true, "plan", "the plan")
			if (c.question != nil) != tc.asks || (err == nil) != tc.agreed {
				t.Errorf("asks %v, error %v; want asks %v, agreed %v", c.question != nil, err, tc.asks, tc.agreed)
			}
			if tc.asks && (!c.question.NeedsInput() || c.question.RequestState != "plan") {
				t.Errorf("question: %+v", c.question)
			}
		})
	}
}

func TestRuntimesInfo(t *testing.T) {
	w := newWorld(t, awsfake.LambdaOptions{})
	var out runtimesOutput
	w.call(t, "get_runtimes_info", map[string]any{"family": "nodejs"}, &out)
	if out.Table.FromPage || !strings.Contains(out.Table.Note, "404") || len(out.Runtimes) < 10 {
		t.Errorf("table %+v, %d runtimes", out.Table, len(out.Runtimes))
	}
	want := runtimeInfo{
		Identifier: "nodejs18.x", Name: "Node.js 18", OS: "Amazon Linux 2", State: "deprecated",
		Deprecation: "2025-09-01", BlockCreate: "2027-02-01", BlockUpdate: "2027-03-03", Successor: "nodejs24.x",
	}
	found := false
	for _, r := range out.Runtimes {
		found = found || r == want
		if !strings.HasPrefix(r.Identifier, "nodejs") {
			t.Errorf("%s is not of the family nodejs", r.Identifier)
		}
	}
	if !found {
		t.Errorf("no %+v in %+v", want, out.Runtimes)
	}
	var usable runtimesOutput
	w.call(t, "get_runtimes_info", map[string]any{"usable_only": true}, &usable)
	for _, r := range usable.Runtimes {
		if r.State != "supported" {
			t.Errorf("%s is %s, and not usable", r.Identifier, r.State)
		}
	}
}

func TestPrompt(t *testing.T) {
	w := newWorld(t, awsfake.LambdaOptions{})
	var request mcp.GetPromptRequest
	request.Params.Arguments = map[string]string{"name": "shop"}
	got, err := w.ops.Set().Prompts[0].Get(context.Background(), request)
	if err != nil {
		t.Fatal(err)
	}
	text := got.Messages[0].Content.(mcp.TextContent).Text
	for _, want := range []string{`"shop"`, "dry_run", "rollback_runtime", "accept_no_rollback", "list_functions"} {
		if !strings.Contains(text, want) {
			t.Errorf("the prompt does not mention %s", want)
		}
	}
}

// TestUpgradeThrottled: throttling delays the upgrade and is reported.
func TestUpgradeThrottled(t *testing.T) {
	left := map[string]int{"PublishVersion": 1, "UpdateFunctionConfiguration": 1, "Invoke": 1}
	w := newWorld(t, awsfake.LambdaOptions{Options: awsfake.Options{Fail: func(op string) *awsfake.Fault {
		if left[op]--; left[op] < 0 {
			return nil
		}
		return &awsfake.Fault{Error: &awsfake.Error{Status: 429, Code: "TooManyRequestsException", Message: "Rate exceeded"}}
	}}}, function("orders", "nodejs18.x"))
	var out upgradeOutput
	if text, isError := w.call(t, "upgrade_runtime", map[string]any{"function": "orders", "confirm": true}, &out); isError || out.Throttled != 3 {
		t.Errorf("throttled %d times: %s", out.Throttled, text)
	}
	left["GetFunction"] = 2
	var dry upgradeOutput
	if text, isError := w.call(t, "upgrade_runtime", map[string]any{"function": "orders", "dry_run": true, "target": "nodejs22.x"}, &dry); isError || dry.Throttled != 2 {
		t.Errorf("a dry run, throttled %d times: %s", dry.Throttled, text)
	}
}
