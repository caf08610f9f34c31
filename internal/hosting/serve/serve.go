// Package serve puts a server together as every shape of deployment runs it:
// the tools with what the environment gives them, the MCP server that is made
// of them, the HTTP handler around it. What the shapes differ in is [Options].
package serve

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"serverless-mcp/internal/hosting/lambdahttp"
	"serverless-mcp/internal/hosting/toolsecret"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/mcp/mcpsession"
	"serverless-mcp/internal/tool"
	"serverless-mcp/tools"
)

// Version is the server's version as clients are told it. It is a constant,
// because the functions are built without the version control's stamp: the same
// source shall be the same bytes, wherever it is checked out.
const Version = "0.1.0"

// Options are what the shapes differ in.
type Options struct {
	// Getenv reads the environment, which settings.MCPEnv describes; required.
	Getenv func(string) string
	// AWS is the region and the credentials of the server, for the tools and
	// for reading their secrets. Zero means that there is no AWS.
	AWS aws.Config
	// Authenticate says who is asking; required, see mcphttp.Options.
	Authenticate func(*http.Request) (apikey.Principal, error)
	// Streaming lets answers stream; false means one JSON answer.
	Streaming bool
	// Sessions are kept for clients before 2026-07-28; nil means that there are none.
	Sessions *mcpsession.Store
	// CORS is for a server that answers browsers' preflights itself.
	CORS bool
	// Log is nil for no log.
	Log *slog.Logger
}

// New makes the handler for what all declares, which is tools.All but in tests.
// It refuses to when anything is wrong with any of that.
func New(all func(tools.Config) tool.Set, o Options) (http.Handler, error) {
	var calls atomic.Int64
	server, err := mcpserver.New(mcpserver.Options{
		Name: o.Getenv("SERVER_NAME"), Version: Version, Streaming: o.Streaming, Log: o.Log,
	}, all(config(o, &calls)))
	if err != nil {
		return nil, fmt.Errorf("make the MCP server: %w", err)
	}
	handler := mcphttp.New(server, mcphttp.Options{
		Authenticate: o.Authenticate, AllowedOrigins: Origins(o.Getenv), CORS: o.CORS, Streaming: o.Streaming, Sessions: o.Sessions, Log: o.Log,
	})
	return lambdahttp.Counted(handler, &calls), nil
}

// Origins are the origins that may ask.
func Origins(getenv func(string) string) []string {
	return strings.FieldsFunc(getenv("ALLOWED_ORIGINS"), func(r rune) bool { return r == ',' })
}

// config is what the tools get. The variables of Lambda are empty elsewhere.
func config(o Options, calls *atomic.Int64) tools.Config {
	return tools.Config{
		Setting: o.Getenv,
		Secret: toolsecret.New(toolsecret.Options{
			ARN: o.Getenv, Secrets: secretsmanager.NewFromConfig(o.AWS),
		}).Get,
		AWS: o.AWS,
		Runtime: tools.Runtime{
			Region:      o.AWS.Region,
			Function:    o.Getenv("AWS_LAMBDA_FUNCTION_NAME"),
			Version:     o.Getenv("AWS_LAMBDA_FUNCTION_VERSION"),
			LogStream:   o.Getenv("AWS_LAMBDA_LOG_STREAM_NAME"),
			Invocations: calls.Load,
		},
	}
}
