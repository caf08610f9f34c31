package mcpserver

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/tool"
)

// TestCorrect: only an error of logging/setLevel is taken for an unknown level, and only
// a request has a correction.
func TestCorrect(t *testing.T) {
	state := &requestState{}
	ctx := context.WithValue(t.Context(), stateKey{}, state)
	wrongLevel := errors.New("invalid logging level 'x'")
	for name, test := range map[string]struct {
		ctx     context.Context
		id      any
		request any
		err     error
		want    string // of the correction; "" means that there is none
	}{
		"unknown tool":           {ctx, 1, &mcp.CallToolRequest{}, server.ErrToolNotFound, "no such tool"},
		"unknown level":          {ctx, 1, &mcp.SetLevelRequest{}, wrongLevel, "no such log level"},
		"setLevel fails":         {ctx, 1, &mcp.SetLevelRequest{}, errors.New("x"), ""},
		"another request":        {ctx, 1, &mcp.PingRequest{}, wrongLevel, ""},
		"a notification":         {ctx, nil, &mcp.CallToolRequest{}, server.ErrToolNotFound, ""},
		"outside FixErrorCodes":  {t.Context(), 1, &mcp.CallToolRequest{}, server.ErrToolNotFound, ""},
		"unparsable":             {ctx, 1, nil, &server.UnparsableMessageError{}, "the params do not match the method"},
		"resource, not a read":   {ctx, 1, &mcp.PingRequest{}, server.ErrResourceNotFound, "no such resource"},
		"for the model":          {ctx, 1, &mcp.GetPromptRequest{}, tool.Errorf("word is missing"), "word is missing"},
		"for the model, in read": {ctx, 1, &mcp.ReadResourceRequest{}, tool.Errorf("word is missing"), ""},
		"nothing there":          {ctx, 1, &mcp.ReadResourceRequest{}, tool.NotFoundf("no word"), "no word"},
	} {
		state.correction.Store(nil)
		noteCorrection(test.ctx, test.id, "x", test.request, test.err)
		got := ""
		if c := state.correction.Load(); c != nil {
			got = c.message
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// TestFailureOfANotification: the log has lines about requests, not about a
// notification that could not be sent.
func TestFailureOfANotification(t *testing.T) {
	var log bytes.Buffer
	l := &requestLog{log: slog.New(slog.NewTextHandler(&log, nil)), now: time.Now}
	l.failure(t.Context(), nil, "notifications/message", nil, errors.New("channel full"))
	if log.Len() > 0 {
		t.Errorf("logged %s", &log)
	}
	if l.failure(t.Context(), 1, mcp.MethodPing, nil, errors.New("x")); !strings.Contains(log.String(), "outcome=error") {
		t.Errorf("a request: logged %q", &log)
	}
}
