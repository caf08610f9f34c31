package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"unicode"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
	"github.com/rogpeppe/go-internal/testscript"
)

// hostileText has line breaks, C0 and C1 controls, bidirectional controls and
// separators, followed by text that looks like a line printed by mcpctl.
const hostileText = "x\x1b]0;title\x07\x1b[2J\u009b31m\u202e\u2066\u2028\r\nok       all is well"

// hostileEndpoint serves an MCP server whose every text is hostile, and sets
// ENDPOINT to its URL. ENDPOINT with /status instead of /mcp answers 403 with a
// hostile body, and /redirect a redirect to a hostile location.
func hostileEndpoint(ts *testscript.TestScript, _ bool, _ []string) {
	s := mcpserver.NewMCPServer(hostileText, hostileText, mcpserver.WithToolCapabilities(false))
	s.AddTool(mcp.NewTool("say"+hostileText, mcp.WithDescription(hostileText), mcp.WithString("text"+hostileText, mcp.Enum(hostileText))),
		func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return nil, errors.New(hostileText)
		})
	s.AddTool(mcp.NewTool("text"), func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText(hostileText), nil
	})
	s.AddTool(mcp.NewTool("structured"), func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultStructured(map[string]string{hostileText: hostileText}, hostileText), nil
	})
	s.AddTool(mcp.NewTool("failing"), func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return nil, errors.New(hostileText)
	})
	h := mcpserver.NewStreamableHTTPServer(s, mcpserver.WithStateLess(true))
	mux := http.NewServeMux()
	mux.Handle("/mcp", h)
	mux.HandleFunc("/status", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, hostileText, http.StatusForbidden)
	})
	mux.HandleFunc("/redirect", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "https://x\u009b31m\u202e.example/")
		w.WriteHeader(http.StatusFound)
	})
	srv := httptest.NewServer(mux)
	ts.Defer(srv.Close)
	ts.Setenv("ENDPOINT", srv.URL+"/mcp")
	ts.Setenv("STATUS", srv.URL+"/status")
	ts.Setenv("REDIRECT", srv.URL+"/redirect")
}

// harmless FILE... fails if a file (stdout and stderr are those of the last command)
// contains a character that a terminal acts on, other than line feeds and tabs.
func harmless(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		text := ts.ReadFile(name)
		for _, r := range text {
			if r != '\n' && r != '\t' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
				ts.Fatalf("%s contains %U:\n%q", name, r, text)
			}
		}
	}
}

// oneline FILE... fails if a line of a file begins with the end of the hostile text.
func oneLine(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		if text := ts.ReadFile(name); strings.Contains("\n"+text, "\nok       all is well") {
			ts.Fatalf("%s: a text of the server begins a line:\n%s", name, text)
		}
	}
}
