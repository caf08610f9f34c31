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

// TestCorrect: only an error of logging/setLevel is treated as an unknown level, and only
// requests have corrections.
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
		"outside Respond":        {t.Context(), 1, &mcp.CallToolRequest{}, server.ErrToolNotFound, ""},
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

// TestCorrectCodes: the error code for something unknown depends on the request.
func TestCorrectCodes(t *testing.T) {
	for name, test := range map[string]struct {
		request any
		want    int
	}{
		"a resource": {&mcp.ReadResourceRequest{}, mcp.RESOURCE_NOT_FOUND}, "a prompt": {&mcp.GetPromptRequest{}, mcp.INVALID_PARAMS},
	} {
		if c := correct(t.Context(), test.request, tool.NotFoundf("no word")); c == nil || c.code != test.want {
			t.Errorf("%s: %+v, want the code %d", name, c, test.want)
		}
	}
}

// TestUnreadableLargeParams: a tool or prompt whose large params cannot be decoded does
// not run, and the caller gets the protocol's error.
func TestUnreadableLargeParams(t *testing.T) {
	g := guard{log: slog.New(slog.DiscardHandler)}
	runs := 0
	callTool := g.tool("x", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		runs++
		return mcp.NewToolResultText("done"), nil
	})
	getPrompt := g.prompt(tool.RawPrompt(mcp.NewPrompt("x"), "x", func(context.Context, mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		runs++
		return mcp.NewGetPromptResult("done", nil), nil
	}))
	for name, large := range map[string]Large{"responses": {InputResponses: []byte("[7]")}, "prompt's arguments": {Arguments: []byte("[7]")}} {
		ctx := WithLarge(t.Context(), large)
		if _, err := callTool(ctx, mcp.CallToolRequest{}); large.InputResponses != nil && !errors.Is(err, errParams) {
			t.Errorf("%s of a tool: %v", name, err)
		}
		if _, err := getPrompt(ctx, mcp.GetPromptRequest{}); !errors.Is(err, errParams) {
			t.Errorf("%s of a prompt: %v", name, err)
		}
	}
	if runs != 1 { // the tool decodes its arguments itself
		t.Errorf("%d runs, want the tool's with any arguments", runs)
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
