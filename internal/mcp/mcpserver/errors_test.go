package mcpserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/test/rpc"
	"serverless-mcp/internal/tool"
)

// The response to each kind of error, in both eras. It shows no internal details.
func TestFailures(t *testing.T) {
	type params = map[string]any
	call := func(name string) params { return params{"name": name, "arguments": params{}} }
	toolError := func(text string) [2]string {
		want := `"content":[{"type":"text","text":"` + text + `"}],"isError":true`
		return [2]string{want, want}
	}
	both := func(text string) [2]string { return [2]string{text, text} }
	tests := []struct {
		name, method string
		params       params
		status       int       // of the modern era; it is 200 in the other
		want         [2]string // modern, legacy
	}{
		{"bad arguments", "tools/call", call("echo"), 200, toolError("word is missing")},
		{"for the model", "tools/call", call("sorry"), 200, toolError("try later")},
		{"for the log", "tools/call", call("broken"), 200, toolError("internal error in tool broken; see the server's log")},
		{"panic", "tools/call", call("panics"), 200, toolError("internal error in tool panics; see the server's log")},
		{"no result", "tools/call", call("nil"), 200, toolError("internal error in tool nil; see the server's log")},
		{"for the protocol", "tools/call", call("forged"), 400, both(`{"code":-32602,"message":"the state is not mine"}`)},
		{"missing capability", "tools/call", call("needs"), 400, both(
			`{"code":-32021,"message":"missing required client capability: \"sampling\"","data":{"requiredCapabilities":{"sampling":{}}}}`)},
		{"unknown resource", "resources/read", params{"uri": "x://y"}, 400, [2]string{
			`{"code":-32602,"message":"no such resource","data":{"uri":"x://y"}}`,
			`{"code":-32002,"message":"no such resource","data":{"uri":"x://y"}}`}},
		{"a URI to repeat", "resources/read", params{"uri": strings.Repeat("u", 256)}, 400, [2]string{
			`"data":{"uri":"` + strings.Repeat("u", 256) + `"}}`, `"data":{"uri":"` + strings.Repeat("u", 256) + `"}}`}},
		{"a URI too long to repeat", "resources/read", params{"uri": strings.Repeat("u", 257)}, 400, [2]string{
			`{"code":-32602,"message":"no such resource"}`, `{"code":-32002,"message":"no such resource"}`}},
		{"nothing there", "resources/read", params{"uri": "word://none"}, 400, [2]string{
			`{"code":-32602,"message":"there is no word \"none\"","data":{"uri":"word://none"}}`,
			`{"code":-32002,"message":"there is no word \"none\"","data":{"uri":"word://none"}}`}},
		{"broken resource", "resources/read", params{"uri": "fixture://broken"}, 200, both(
			`{"code":-32603,"message":"internal error in resource; see the server's log"}`)},
		{"bad prompt arguments", "prompts/get", params{"name": "say", "arguments": params{"wrod": "x"}}, 400, both(
			`{"code":-32602,"message":"word is missing; wrod is unknown; known: word"}`)},
		{"no prompt", "prompts/get", params{"name": "nil"}, 200, both(
			`{"code":-32603,"message":"internal error in prompt nil; see the server's log"}`)},
		{"broken completion", "completion/complete", params{"ref": params{"type": "ref/prompt", "name": "say"},
			"argument": params{"name": "word", "value": "boom"}}, 200, both(
			`{"code":-32603,"message":"internal error in completion; see the server's log"}`)},
		{"params of the wrong type", "tools/call", params{"name": "echo", "task": 5}, 400, both(
			`{"code":-32602,"message":"the params do not match the method"}`)},
		{"unknown method", "tools/steal", nil, 404, both(`{"code":-32601,"message":"method not found"}`)},
	}
	r := newRig(t, fixtures())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for i, legacy := range []bool{false, true} {
				for _, stream := range []bool{false, true} {
					status, body := r.do(t, request{caller: everyone, legacy: legacy, stream: stream}, tt.method, tt.params)
					wantStatus := tt.status
					if legacy {
						wantStatus = 200
					}
					if status != wantStatus || !strings.Contains(common(body), tt.want[i]) {
						t.Errorf("legacy %v, stream %v: %d %s\nwant %d %s", legacy, stream, status, body, wantStatus, tt.want[i])
					}
					if strings.Contains(body, "s3cret") || strings.Contains(body, "goroutine") {
						t.Errorf("legacy %v: %s has internal details", legacy, body)
					}
				}
			}
		})
	}
	if log := r.log.String(); !strings.Contains(log, "dial 10.0.0.1") || !strings.Contains(log, "fixture_test.go") {
		t.Errorf("the log has no details or no stack:\n%s", log)
	}
}

// common removes what only the modern era adds to a result, so that one expectation
// serves both.
func common(body string) string { return strings.ReplaceAll(body, `,"resultType":"complete"`, "") }

// Before 2026-07-28, a client's response cannot reach the call without a session;
// mcp-go would wait for it until the deadline.
func TestClientRequestsFailAtOnce(t *testing.T) {
	elicit := func(ctx context.Context, _ struct{}) (string, error) {
		_, err := server.ServerFromContext(ctx).RequestElicitation(ctx, mcp.ElicitationRequest{
			Params: mcp.ElicitationParams{Message: "sure?", RequestedSchema: map[string]any{"type": "object"}},
		})
		return "", err
	}
	sample := func(ctx context.Context, _ struct{}) (string, error) {
		//lint:ignore SA1019 tools that still call it must not hang either
		_, err := server.ServerFromContext(ctx).RequestSampling(ctx, mcp.CreateMessageRequest{})
		return "", err
	}
	roots := func(ctx context.Context, _ struct{}) (string, error) {
		_, err := server.ServerFromContext(ctx).RequestRoots(ctx, mcp.ListRootsRequest{})
		return "", err
	}
	prompt := func(ctx context.Context, _ struct{}) (string, error) { return elicit(ctx, struct{}{}) }
	input := func(context.Context, struct{}) (*mcp.CallToolResult, error) { return inputRequests().ToolResult(), nil }
	r := newRig(t, tool.Set{Tools: []tool.Tool{
		define("elicit", elicit), define("sample", sample), define("roots", roots), define("input", input),
	}, Prompts: []tool.Prompt{
		tool.NewPrompt(tool.PromptInfo{Name: "elicit", Description: "A fixture.", Needs: "elicit"}, prompt),
	}, Resources: []tool.Resource{
		tool.NewResource(tool.ResourceInfo{URI: "fixture://elicit", Name: "elicit", Description: "A fixture.", Needs: "elicit"},
			func(ctx context.Context) (string, error) { return elicit(ctx, struct{}{}) }),
	}})
	for method, params := range map[string]map[string]any{"prompts/get": {"name": "elicit"}, "resources/read": {"uri": "fixture://elicit"}} {
		_, body := r.do(t, request{caller: everyone, legacy: true, stream: true}, method, params)
		if !strings.Contains(body, `"error"`) {
			t.Errorf("%s: %s, want an error at once", method, body)
		}
	}
	for _, name := range []string{"elicit", "sample", "roots", "input"} {
		for _, stream := range []bool{false, true} {
			_, body := r.do(t, request{caller: everyone, legacy: true, stream: stream}, "tools/call", map[string]any{"name": name})
			if !strings.Contains(body, `"isError":true`) || !strings.Contains(body, "needs a response from the client") {
				t.Errorf("%s, stream %v: %s, want a tool error with the reason", name, stream, body)
			}
		}
	}
}

// A tool that stops because the client has disconnected is no internal error. Another error
// of such a call still is.
func TestCancelledCallIsNotLoggedAsAnError(t *testing.T) {
	for name, test := range map[string]struct {
		err    error
		logged bool
	}{"stops": {fmt.Errorf("get the rows: %w", context.Canceled), false}, "fails": {errors.New("disk full"), true}} {
		ctx, cancel := context.WithCancel(tool.WithPrincipal(t.Context(), *everyone))
		var log bytes.Buffer
		s, err := mcpserver.New(mcpserver.Options{Name: "fixture", Log: slog.New(slog.NewTextHandler(&log, nil))}, tool.Set{Tools: []tool.Tool{
			define("slow", func(context.Context, struct{}) (string, error) {
				cancel()
				return "", test.err
			}),
		}})
		if err != nil {
			t.Fatal(err)
		}
		mcpserver.Respond(ctx, s, json.RawMessage(rpc.Call("1", "slow", "{}")))
		if got := strings.Contains(log.String(), "internal error"); got != test.logged {
			t.Errorf("%s: logged %s", name, &log)
		}
	}
}
