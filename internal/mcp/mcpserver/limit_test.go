package mcpserver_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/tool"
)

// TestLimit: only tool calls that the scope allows are counted, including those with bad
// arguments, and a refusal is a tool error with the seconds in _meta.
func TestLimit(t *testing.T) {
	var counted atomic.Int32
	r := newLimitedRig(t, fixtures(), func(_ context.Context, p apikey.Principal) *mcpserver.Refusal {
		if counted.Add(1) > 3 {
			return &mcpserver.Refusal{Text: "limit of 3 calls a minute for key " + p.KeyID + "; again in 23 s", Seconds: 23}
		}
		return nil
	})
	type object = map[string]any
	caller := request{caller: &apikey.Principal{KeyID: "alice", Tools: []string{"echo"}}}
	for _, step := range []struct {
		method string
		params object
		want   string
	}{
		{"tools/list", nil, `"name":"echo"`},
		{"server/discover", nil, `"result"`},
		{"resources/read", object{"uri": "fixture://echo"}, `"contents"`},
		{"prompts/get", object{"name": "say", "arguments": object{"word": "a"}}, `"messages"`},
		{"tools/call", object{"name": "zebra", "arguments": object{"word": "a"}}, `"error"`}, // outside of the scope
		{"tools/call", object{"name": "none", "arguments": object{}}, `"error"`},
	} {
		if _, body := r.do(t, caller, step.method, step.params); !strings.Contains(body, step.want) || counted.Load() != 0 {
			t.Errorf("%s %v: %d calls were counted, want 0; body %s", step.method, step.params, counted.Load(), body)
		}
	}
	for i, step := range []struct {
		arguments object
		want      string
	}{
		{object{"word": "a"}, `"structuredContent":{"word":"a"}`},
		{object{"word": ""}, `"isError":true`},
		{object{"word": "a"}, `"structuredContent":{"word":"a"}`},
		{object{"word": "a"}, `limit of 3 calls a minute for key alice; again in 23 s`},
	} {
		status, body := r.do(t, caller, "tools/call", object{"name": "echo", "arguments": step.arguments})
		refused := strings.Contains(body, `"serverless-mcp/retryAfterSeconds":23`) && strings.Contains(body, `"isError":true`)
		if status != 200 || !strings.Contains(body, step.want) || refused != (i == 3) || counted.Load() != int32(i+1) {
			t.Errorf("call %d: %d %s, want %s; %d were counted", i+1, status, body, step.want, counted.Load())
		}
	}
	caller.bare = true // so that this package writes the log line
	r.do(t, caller, "tools/call", object{"name": "echo", "arguments": object{"word": "a"}})
	if !strings.Contains(r.log.String(), `"outcome":"over limit"`) {
		t.Errorf("no line with the outcome \"over limit\": %s", &r.log)
	}
}

// TestLimitOfAToolCalledJob: in a set without jobs, "job" is a tool like any other.
func TestLimitOfAToolCalledJob(t *testing.T) {
	r := newLimitedRig(t, tool.Set{Tools: []tool.Tool{
		define("job", func(_ context.Context, in word) (echoed, error) { return echoed(in), nil }),
	}}, func(context.Context, apikey.Principal) *mcpserver.Refusal {
		return &mcpserver.Refusal{Text: "limit of 3 calls a minute", Seconds: 23}
	})
	_, body := r.do(t, request{caller: everyone}, "tools/call", map[string]any{"name": "job", "arguments": map[string]any{"word": "a"}})
	if !strings.Contains(body, "limit of 3 calls a minute") {
		t.Errorf("%s, want the refusal", body)
	}
}
