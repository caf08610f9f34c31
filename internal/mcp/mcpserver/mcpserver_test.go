package mcpserver_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/tool"
)

func TestNewReportsMistakes(t *testing.T) {
	bad := define[struct {
		A func() `json:"a"`
	}, string]("bad", nil)
	tests := []struct {
		name    string
		options mcpserver.Options
		set     tool.Set
		want    string
	}{
		{"no name", mcpserver.Options{}, tool.Set{}, "has no name"},
		{"bad tools", mcpserver.Options{Name: "x"}, tool.Set{Tools: []tool.Tool{bad, bad}}, `tool "bad" is declared twice`},
		{"bad tools, all problems", mcpserver.Options{Name: "x"}, tool.Set{Tools: []tool.Tool{bad}}, "has no JSON form; use another type"},
	}
	for _, tt := range tests {
		if s, err := mcpserver.New(tt.options, tt.set); s != nil || err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want an error with %q", tt.name, err, tt.want)
		}
	}
}

// Lists never change and nothing can be subscribed to, so neither capability is
// declared: a client would wait for notifications that never come.
func TestCapabilities(t *testing.T) {
	tests := []struct {
		name string
		set  tool.Set
		want string
	}{
		{"all", fixtures(), `{"completions":{},"prompts":{},"resources":{},"tools":{}}`},
		{"tools only", talkative(), `{"tools":{}}`},
		{"nothing", tool.Set{}, `{"tools":{}}`},
	}
	for _, tt := range tests {
		r := newRig(t, tt.set)
		_, modern := r.do(t, request{caller: everyone}, "server/discover", nil)
		_, legacy := r.do(t, request{caller: everyone, legacy: true}, "initialize", map[string]any{
			"protocolVersion": "2025-11-25", "capabilities": map[string]any{}, "clientInfo": map[string]any{"name": "x", "version": "1"},
		})
		for _, body := range []string{modern, legacy} {
			got, err := json.Marshal(result(t, body)["capabilities"])
			if diff := cmp.Diff(tt.want, string(got)); err != nil || diff != "" {
				t.Errorf("%s: %v (-want +got):\n%s", tt.name, err, diff)
			}
		}
	}
}

func TestCacheHints(t *testing.T) {
	tests := []struct {
		method string
		params map[string]any
		ttl    float64
	}{
		{"tools/list", nil, 60_000},
		{"resources/list", nil, 60_000},
		{"resources/templates/list", nil, 60_000},
		{"prompts/list", nil, 60_000},
		{"resources/read", map[string]any{"uri": "fixture://echo"}, 0},
		{"resources/read", map[string]any{"uri": "word://x"}, 0},
	}
	r := newRig(t, fixtures())
	for _, tt := range tests {
		_, body := r.do(t, request{caller: everyone}, tt.method, tt.params)
		got := result(t, body)
		if got["ttlMs"] != tt.ttl || got["cacheScope"] != "private" {
			t.Errorf("%s: ttlMs %v, cacheScope %v, want %v and private", tt.method, got["ttlMs"], got["cacheScope"], tt.ttl)
		}
		_, legacy := r.do(t, request{caller: everyone, legacy: true}, tt.method, tt.params)
		if strings.Contains(legacy, "ttlMs") {
			t.Errorf("%s: %s has hints, which protocol 2025-11-25 does not have", tt.method, legacy)
		}
	}
}

func TestRequestLog(t *testing.T) {
	type params = map[string]any
	tests := []struct {
		name   string
		how    request
		method string
		params params
		want   string // the one line, without time, level and message
	}{
		{"a call", request{caller: everyone}, "tools/call", params{"name": "echo", "arguments": params{"word": "s3cret"}},
			`"method":"tools/call","outcome":"ok","tool":"echo","keyId":"everyone","durationMs":1.5`},
		{"bad arguments", request{caller: everyone}, "tools/call", params{"name": "echo", "arguments": params{"wrod": "s3cret"}},
			`"method":"tools/call","outcome":"tool error","tool":"echo","keyId":"everyone","durationMs":1.5`},
		{"arguments as text", request{caller: everyone}, "tools/call", params{"name": "echo", "arguments": `{"word":"s3cret"}`},
			`"method":"tools/call","outcome":"ok","tool":"echo","keyId":"everyone","durationMs":1.5,"lenient":"json-text"`},
		{"not allowed", request{caller: noTools}, "tools/call", params{"name": "echo"},
			`"method":"tools/call","outcome":"not found or not allowed","tool":"echo","keyId":"noTools","durationMs":1.5`},
		{"an unknown tool", request{caller: everyone}, "tools/call", params{"name": "s3cret"},
			`"method":"tools/call","outcome":"not found or not allowed","keyId":"everyone","durationMs":1.5`},
		{"unauthenticated", request{}, "tools/list", nil,
			`"method":"tools/list","outcome":"ok","durationMs":1.5`},
		{"not parsed", request{caller: everyone}, "tools/call", params{"name": "echo", "task": 5},
			`"method":"tools/call","outcome":"error","keyId":"everyone"`},
		{"a resource", request{caller: everyone}, "resources/read", params{"uri": "word://s3cret"},
			`"method":"resources/read","outcome":"ok","keyId":"everyone","durationMs":1.5`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, fixtures())
			tt.how.bare = true
			r.do(t, tt.how, tt.method, tt.params)
			_, line, _ := strings.Cut(r.log.String(), `"msg":"mcp request",`)
			if want := tt.want + "}\n"; line != want {
				t.Errorf("log %s, want %s", line, want)
			}
			if strings.Contains(r.log.String(), "s3cret") {
				t.Errorf("log %s has the arguments in it", r.log.String())
			}
			// A handler that logs the line itself gets the same outcome.
			r.log.Reset()
			var report mcpserver.Report
			if got, ok := report.Result(); ok {
				t.Errorf("a new report has %+v", got)
			}
			tt.how.ctx = mcpserver.WithReport(t.Context(), &report)
			r.do(t, tt.how, tt.method, tt.params)
			got, ok := report.Result()
			lenient := got.Lenient != ""
			if !ok || !strings.Contains(tt.want, `"outcome":"`+got.Outcome+`"`) || lenient != strings.Contains(tt.want, `"lenient"`) || !strings.Contains(tt.want, got.Lenient) || r.log.Len() > 0 {
				t.Errorf("reported %+v, %v, logged %s; want %s", got, ok, &r.log, tt.want)
			}
		})
	}
}
