package main

import (
	"context"
	"net/http"
	"net/http/httptest"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
	"github.com/rogpeppe/go-internal/testscript"

	"serverless-mcp/internal/clients/mcpclient"
)

// endpoint KEY serves an MCP server named "Weather (test)" with one tool, which
// accepts that key, and sets ENDPOINT to its URL.
func endpoint(ts *testscript.TestScript, _ bool, args []string) {
	s := mcpserver.NewMCPServer("Weather (test)", "1.2.3", mcpserver.WithToolCapabilities(false))
	s.AddTool(mcp.NewTool("echo"), func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText("echo"), nil
	})
	h := mcpserver.NewStreamableHTTPServer(s, mcpserver.WithStateLess(true))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(mcpclient.KeyHeader) != args[0] {
			http.Error(w, `{"message":"Forbidden"}`, http.StatusForbidden)
			return
		}
		h.ServeHTTP(w, r)
	}))
	ts.Defer(srv.Close)
	ts.Setenv("ENDPOINT", srv.URL+"/mcp")
}
