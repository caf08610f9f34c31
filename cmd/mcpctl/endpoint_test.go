package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
	"github.com/rogpeppe/go-internal/testscript"

	"serverless-mcp/internal/clients/mcpclient"
	"serverless-mcp/internal/devserver/issuer"
	handler "serverless-mcp/internal/hosting/serve"
	"serverless-mcp/internal/hosting/signincheck"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/tool"
	"serverless-mcp/tools"
)

// signinServer serves our server with sign-in at a local issuer, and sets ENDPOINT to its
// endpoint for sign-in and ISSUER to the issuer.
func signinServer(ts *testscript.TestScript, _ bool, _ []string) {
	srv := httptest.NewUnstartedServer(nil)
	endpoint := "http://" + srv.Listener.Addr().String() + "/signin/mcp"
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	key, _, err := issuer.NewKey()
	ts.Check(err)
	at, stop, err := issuer.Serve(listener, issuer.Options{Resource: endpoint, Key: key})
	ts.Check(err)
	ts.Defer(func() { _ = stop() })
	srv.Config.Handler, err = handler.New(func(tools.Config) tool.Set { return tool.Set{} }, handler.Options{
		Name: "x", Signin: signincheck.Options{Issuer: at, Resource: endpoint},
		Authenticate: func(*http.Request) (apikey.Principal, error) { return apikey.Principal{}, mcphttp.ErrUnauthorized },
	})
	ts.Check(err)
	srv.Start()
	ts.Defer(srv.Close)
	ts.Setenv("ENDPOINT", endpoint)
	ts.Setenv("ISSUER", at)
}

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
