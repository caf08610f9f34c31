package lambdaops

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/emulator/awsfake"
)

// TestQuestionShowsTheTest: the user sees the event that will run and the expected
// response, verbatim.
func TestQuestionShowsTheTest(t *testing.T) {
	w := newWorld(t, awsfake.LambdaOptions{}, function("orders", "nodejs18.x"))
	for name, tc := range map[string]struct {
		arguments map[string]any
		want      string
	}{
		"default": {nil, "The test calls the copy, and later the function, with this event (2 bytes):\n  | {}\nIt passes if the function does not fail. The response is not checked.\n"},
		"expect": {
			map[string]any{"test_payload": `{"delete": "all",  "x":1}`, "expect": `{"ok":true}`},
			"with this event (25 bytes):\n  | {\"delete\": \"all\",  \"x\":1}\nIt passes if the function does not fail, and the response contains this JSON:\n  | {\"ok\":true}\n",
		},
		"text": {
			map[string]any{"expect_text": "done\n1. nothing"},
			"and the response contains this text:\n  | done\n  | 1. nothing\n",
		},
		"both": {
			map[string]any{"expect": "1", "expect_text": "1"},
			"and the response contains this JSON:\n  | 1\nand this text:\n  | 1\n",
		},
		"hidden": {
			map[string]any{"test_payload": "{\"a\":\"\u202e\u200b\u00a0x\",\r\n\n\"b\":\"\u2028é日\"}"},
			"  | {\"a\":\"\\u202e\\u200b\\u00a0x\",\n  | \n  | \"b\":\"\\u2028é日\"}\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			arguments := map[string]any{"function": "orders"}
			for k, v := range tc.arguments {
				arguments[k] = v
			}
			text, isError := w.call(t, "upgrade_runtime", arguments, nil)
			if !isError || !strings.Contains(text, tc.want) || changed(w) {
				t.Errorf("the question lacks\n%s\nin\n%s", tc.want, text)
			}
		})
	}
}

// TestQuestionQuotesNames: what AWS returns cannot add lines to the question.
func TestQuestionQuotesNames(t *testing.T) {
	f := function("orders", "nodejs18.x")
	f.Tags = map[string]string{"aws:cloudformation:stack-name": "shop\n9. harmless\u202e"}
	w := newWorld(t, awsfake.LambdaOptions{}, f)
	text, _ := w.call(t, "upgrade_runtime", map[string]any{"function": "orders"}, nil)
	if !strings.Contains(text, `the CloudFormation stack shop\u000a9. harmless\u202e: change`) {
		t.Errorf("the question has the name unescaped:\n%s", text)
	}
}

// TestInvokeAsks: a call of a function needs the user's agreement to this function and
// this payload.
func TestInvokeAsks(t *testing.T) {
	f := function("orders", "nodejs18.x")
	f.Versions, f.Aliases = 2, map[string]string{"live": "2"}
	w := newWorld(t, awsfake.LambdaOptions{}, f)
	text, isError := w.call(t, "invoke_function", map[string]any{"function": "orders", "qualifier": "live", "payload": `{"delete":"all"}`}, nil)
	want := "nothing was changed: this requires confirm: true, after the user has agreed to it.\n\n" +
		"Call the Lambda function orders, version 2 (arn:aws:lambda:eu-central-1:123456789012:function:orders:2), which runs with the role arn:aws:iam::123456789012:role/orders, with this event (16 bytes):\n" +
		"  | {\"delete\":\"all\"}\n" +
		"The call has all real effects of the function.\n"
	if !isError || w.calls["Invoke"] > 0 {
		t.Errorf("the function was called without the user's agreement")
	}
	if diff := cmp.Diff(want, text); diff != "" {
		t.Errorf("question (-want +got):\n%s", diff)
	}
	var out invokeOutput
	if text, isError := w.call(t, "invoke_function", map[string]any{"function": "orders", "confirm": true}, &out); isError || w.calls["Invoke"] != 1 || out.Version != "$LATEST" {
		t.Errorf("with confirm: %q, %+v", text, out)
	}
}

// TestInvokeAgreementIsBound: the user's response is valid only for the function and the
// payload in the question.
func TestInvokeAgreementIsBound(t *testing.T) {
	f := function("orders", "nodejs18.x")
	f.Versions, f.Aliases = 2, map[string]string{"live": "2"}
	w := newWorld(t, awsfake.LambdaOptions{}, f, function("other", "nodejs18.x"))
	ask := func(in invokeInput, state string) *call {
		c := &call{canAsk: true}
		if state != "" {
			c.request.Params.RequestState = state
			c.request.Params.InputResponses = mcp.InputResponses{confirmation: mcp.NewElicitationInputResponse(mcp.ElicitationResult{
				ElicitationResponse: mcp.ElicitationResponse{Action: mcp.ElicitationResponseActionAccept, Content: map[string]any{confirmation: true}},
			})}
		}
		_, _ = w.ops.invoke(withCall(t.Context(), c), in)
		return c
	}
	in := invokeInput{Function: "orders", Qualifier: "live", Payload: `{"a":1}`, Confirm: true}
	first := ask(in, "")
	if first.question == nil || w.calls["Invoke"] > 0 {
		t.Fatal("confirm: true of the model replaces the user's response")
	}
	state := first.question.RequestState
	for name, change := range map[string]func(*invokeInput){
		"another payload":   func(in *invokeInput) { in.Payload = `{"a":2}` },
		"another function":  func(in *invokeInput) { in.Function = "other"; in.Qualifier = "" },
		"another qualifier": func(in *invokeInput) { in.Qualifier = "1" },
	} {
		other := in
		change(&other)
		if c := ask(other, state); c.question == nil || w.calls["Invoke"] > 0 {
			t.Errorf("%s: called with the agreement to the first question", name)
		}
	}
	w.aws.Point("orders", "live", "1")
	if c := ask(in, state); c.question == nil || w.calls["Invoke"] > 0 {
		t.Error("called another version than the one in the question")
	}
	w.aws.Point("orders", "live", "2")
	if c := ask(in, state); c.question != nil || w.calls["Invoke"] != 1 {
		t.Errorf("%d calls after the agreement, want 1", w.calls["Invoke"])
	}
}

// TestResultsAreData: every result with text from AWS or a function contains the notice on
// how to treat such text, and so do the server's instructions.
func TestResultsAreData(t *testing.T) {
	w := newWorld(t, awsfake.LambdaOptions{}, function("orders", "nodejs18.x"))
	for _, call := range []struct {
		tool      string
		arguments map[string]any
	}{
		{"get_function", map[string]any{"function": "orders"}},
		{"invoke_function", map[string]any{"function": "orders", "confirm": true}},
		{"upgrade_runtime", map[string]any{"function": "orders", "confirm": true}},
		{"rollback_runtime", map[string]any{"function": "orders", "confirm": true}},
	} {
		var out map[string]any
		if text, isError := w.call(t, call.tool, call.arguments, &out); isError || out["notice"] != dataNotice {
			t.Errorf("%s: notice %q (%s)", call.tool, out["notice"], text)
		}
	}
	if !strings.Contains(w.ops.Instructions(), dataNotice) {
		t.Error("the instructions lack the notice")
	}
}
