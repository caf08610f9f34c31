package mcpserver_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/tool"
)

const steps = 5

func talkative() tool.Set {
	return tool.Set{Tools: []tool.Tool{define("talk", func(ctx context.Context, _ struct{}) (string, error) {
		for i := range steps {
			tool.Progress(ctx, float64(i+1), steps, fmt.Sprint("step ", i+1))
		}
		tool.Log(ctx, mcp.LoggingLevelDebug, "details")
		tool.Log(ctx, mcp.LoggingLevelWarning, "careful")
		return "done", nil
	})}}
}

func TestNotifications(t *testing.T) {
	token := map[string]any{"progressToken": "p-1"}
	logs := map[string]any{"io.modelcontextprotocol/logLevel": "warning"}
	tests := []struct {
		name           string
		how            request
		progress, logs int
	}{
		{"not requested", request{stream: true}, 0, 0},
		{"with a token", request{stream: true, meta: token}, steps, 0},
		{"with a level", request{stream: true, meta: logs}, 0, 1},
		{"buffered", request{meta: map[string]any{"progressToken": 1, "io.modelcontextprotocol/logLevel": "debug"}}, 0, 0},
		// The level is not stored, so info and above is sent.
		{"legacy", request{stream: true, legacy: true, meta: token}, steps, 1},
		{"legacy, buffered", request{legacy: true, meta: token}, 0, 0},
	}
	r := newRig(t, talkative())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.how.caller = everyone
			_, body := r.do(t, tt.how, "tools/call", map[string]any{"name": "talk"})
			progress := strings.Count(body, `"method":"notifications/progress"`)
			logs := strings.Count(body, `"method":"notifications/message"`)
			if progress != tt.progress || logs != tt.logs || !strings.Contains(body, `"text":"done"`) {
				t.Errorf("%d progress and %d log messages, want %d and %d:\n%s", progress, logs, tt.progress, tt.logs, body)
			}
		})
	}
}

// mcp-go's own stream loses the last notification when the result overtakes it
// (mark3labs/mcp-go, pull request 969), which is nearly always.
func TestNoNotificationIsLost(t *testing.T) {
	r := newRig(t, talkative())
	how := request{caller: everyone, stream: true, meta: map[string]any{"progressToken": 1}}
	for range 200 {
		_, body := r.do(t, how, "tools/call", map[string]any{"name": "talk"})
		last := strings.LastIndex(body, fmt.Sprintf(`"progress":%d`, steps))
		if strings.Count(body, "notifications/progress") != steps || last < 0 || last > strings.Index(body, `"text":"done"`) {
			t.Fatalf("the stream is not complete and in order:\n%s", body)
		}
	}
}

// A report without a total or a message has neither.
func TestProgressWithoutTotal(t *testing.T) {
	r := newRig(t, tool.Set{Tools: []tool.Tool{define("talk", func(ctx context.Context, _ struct{}) (string, error) {
		tool.Progress(ctx, 1, 0, "")
		return "done", nil
	})}})
	how := request{caller: everyone, stream: true, meta: map[string]any{"progressToken": "p"}}
	if _, body := r.do(t, how, "tools/call", map[string]any{"name": "talk"}); !strings.Contains(body, `"params":{"progress":1,"progressToken":"p"}`) {
		t.Errorf("got %s", body)
	}
}
