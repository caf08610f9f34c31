// Package mcplambda builds the Lambda functions that run the tools: [Buffered] is the MCP
// function behind the gateway, which responds in one piece, [Streaming] the function
// behind a Function URL, which streams, and [Job] the function that runs jobs.
package mcplambda

import (
	"context"
	"os"

	"serverless-mcp/internal/hosting/awsenv"
	"serverless-mcp/internal/hosting/keycheck"
	"serverless-mcp/internal/hosting/lambdahttp"
	"serverless-mcp/internal/hosting/logs"
	"serverless-mcp/internal/hosting/serve"
	"serverless-mcp/internal/keys/keystore"
	"serverless-mcp/internal/metrics"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/tool"
	"serverless-mcp/tools"
)

// Buffered returns the function behind the gateway, whose authorizer checks the
// keys. The parameter all returns the tools: it is tools.All, except in tests. Buffered
// reads the environment that settings.MCPEnv writes.
func Buffered(getenv func(string) string, all func(tools.Config) tool.Set) (lambdahttp.Handler, error) {
	o := options(getenv)
	o.Authenticate = keycheck.FromAuthorizer
	handler, err := serve.New(all, o)
	if err != nil {
		return nil, err
	}
	return lambdahttp.Buffered(handler, o.Log), nil
}

// Streaming returns the function behind a Function URL, which has no authorizer:
// the function checks the keys itself. It reads the environment that
// settings.StandaloneEnv writes.
func Streaming(ctx context.Context, getenv func(string) string, all func(tools.Config) tool.Set) (lambdahttp.StreamingHandler, error) {
	o := options(getenv)
	o.Streaming, o.JobsInCall = true, true
	keys := keycheck.Open(ctx, keystore.Options{
		Secrets: keystore.NewClient(o.AWS), DefaultKey: getenv(settings.EnvDefaultKeySecret), IssuedKeys: getenv(settings.EnvIssuedKeysSecret), Log: o.Log,
	}, getenv(settings.EnvBearerRoute) == "true")
	o.Authenticate, o.Recheck = keys.Authenticate, keys.Recheck
	handler, err := serve.New(all, o)
	if err != nil {
		return nil, err
	}
	return lambdahttp.Streaming(handler, o.Log), nil
}

// options returns what the functions read from Lambda's environment.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
func options(getenv func(string) string) serve.Options {
	o := serve.FromEnv(getenv)
	o.AWS = awsenv.Config(getenv)
	o.Log = logs.NewWithMetrics(os.Stdout, logs.Level(getenv(settings.EnvLogLevel)), metrics.FromEnv(getenv))
	o.Runtime = tools.Runtime{
		Function:  getenv("AWS_LAMBDA_FUNCTION_NAME"),
		Version:   getenv("AWS_LAMBDA_FUNCTION_VERSION"),
		LogStream: getenv("AWS_LAMBDA_LOG_STREAM_NAME"),
	}
	return o
}
