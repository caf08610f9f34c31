package mcphttp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/test/rpc"
	"serverless-mcp/internal/tool"
)

// now is the time in these tests, except in synctest bubbles.
var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// fixture is a server of mcp-go without mcpserver's scopes and recovery, so that
// these tests show what mcphttp does.
func fixture() *server.MCPServer {
	return fixtureOf(server.NewMCPServer("fixture", "1", server.WithToolCapabilities(false), server.WithLogging()))
}

// changing is the fixture with a list of tools that may change, to which clients can
// subscribe.
func changing() *server.MCPServer {
	return fixtureOf(server.NewMCPServer("fixture", "1", server.WithToolCapabilities(true)))
}

func fixtureOf(s *server.MCPServer) *server.MCPServer {
	add := func(name string, h server.ToolHandlerFunc) { s.AddTool(mcp.NewTool(name), h) }
	add("echo", func(_ context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText(r.GetString("text", "")), nil
	})
	add("whoami", func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		p, ok := tool.PrincipalFrom(ctx)
		data, err := json.Marshal(map[string]any{"keyId": p.KeyID, "ok": ok, "header": r.Header})
		return mcp.NewToolResultText(string(data)), err
	})
	add("hang", func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	add("sleep", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		time.Sleep(30 * time.Minute) // in a bubble only
		return mcp.NewToolResultText("too late"), nil
	})
	add("panic", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) { panic("hunter2") })
	add("ask", func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		_, err := s.RequestElicitation(ctx, mcp.ElicitationRequest{Params: mcp.ElicitationParams{Message: "sure?", RequestedSchema: map[string]any{"type": "object"}}})
		return mcp.NewToolResultErrorFromErr("cannot ask", err), nil
	})
	add("large", func(_ context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText(strings.Repeat("x", r.GetInt("bytes", 0))), nil
	})
	add("count", func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		for i := range r.GetInt("to", 0) {
			if err := s.SendNotificationToClient(ctx, "notifications/progress", map[string]any{"progressToken": "t", "progress": i}); err != nil {
				return nil, err
			}
		}
		return mcp.NewToolResultText("done"), nil
	})
	s.AddPrompt(mcp.NewPrompt("large"), func(context.Context, mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		return mcp.NewGetPromptResult(strings.Repeat("x", 10_000), nil), nil
	})
	return s
}

// authenticate accepts names instead of keys.
func authenticate(r *http.Request) (apikey.Principal, error) {
	switch r.Header.Get("X-Api-Key") {
	case "good":
		return apikey.Principal{KeyID: "ci"}, nil
	case "expired":
		return apikey.Principal{KeyID: "old", Expires: now}, nil
	case "forbidden":
		return apikey.Principal{}, mcphttp.ErrForbidden
	case "broken":
		return apikey.Principal{}, errors.New("hunter2")
	}
	return apikey.Principal{}, mcphttp.ErrUnauthorized
}

// newHandler returns a handler for the fixture, with options changed by each of
// change, and its log.
func newHandler(change ...func(*mcphttp.Options)) (http.Handler, *bytes.Buffer) {
	return newHandlerWith(fixture(), change...)
}

func newHandlerWith(s *server.MCPServer, change ...func(*mcphttp.Options)) (http.Handler, *bytes.Buffer) {
	var log bytes.Buffer
	o := mcphttp.Options{
		Paths:          []string{"/mcp", "/bearer/mcp"},
		Authenticate:   authenticate,
		AllowedOrigins: []string{"https://app.example"},
		Log:            slog.New(slog.NewTextHandler(&log, nil)),
		Now:            func() time.Time { return now },
	}
	for _, f := range change {
		f(&o)
	}
	return mcphttp.New(s, o), &log
}

// post sends a message with the headers of rpc.SetHeaders.
func post(h http.Handler, body string, headers ...string) *httptest.ResponseRecorder {
	return do(h, http.MethodPost, "/mcp", body, headers...)
}

func do(h http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	rpc.SetHeaders(r.Header, headers...)
	w := httptest.NewRecorder()
	h.ServeHTTP(buffered{w}, r)
	return w
}

// buffered hides a recorder's Flush, as on Lambda.
type buffered struct{ http.ResponseWriter }

// check compares a response; a want that ends in … is a prefix. A rejection must not
// be cached: CloudFront would send it to other callers.
func check(t *testing.T, w *httptest.ResponseRecorder, status int, want string) {
	t.Helper()
	got := strings.TrimSuffix(w.Body.String(), "\n")
	start, open := strings.CutSuffix(want, "…")
	if w.Code != status || got != want && !(open && strings.HasPrefix(got, start)) {
		t.Errorf("got  %d %s\nwant %d %s", w.Code, got, status, want)
	}
	if control := w.Header().Get("Cache-Control"); w.Code >= http.StatusBadRequest && got != "" && control != "no-store" {
		t.Errorf("%d %s: Cache-Control %q, want no-store", w.Code, got, control)
	}
}

// stepper is a server with a tool that reports three times and waits for step after
// each report.
func stepper(step <-chan struct{}) *server.MCPServer {
	s := server.NewMCPServer("fixture", "1")
	s.AddTool(mcp.NewTool("step"), func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		for i := range 3 {
			if err := s.SendNotificationToClient(ctx, "notifications/progress", map[string]any{"progress": i}); err != nil {
				return nil, err
			}
			<-step
		}
		return mcp.NewToolResultText("done"), nil
	})
	return s
}
