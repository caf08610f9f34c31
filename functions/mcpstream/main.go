// Command mcpstream is the Lambda function behind a Function URL: it answers
// MCP as it goes, and checks the keys itself, since a Function URL asks no
// authorizer.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"serverless-mcp/internal/hosting/awsenv"
	"serverless-mcp/internal/hosting/keycheck"
	"serverless-mcp/internal/hosting/lambdahttp"
	"serverless-mcp/internal/hosting/logs"
	"serverless-mcp/internal/hosting/serve"
	"serverless-mcp/internal/keys/keystore"
	"serverless-mcp/tools"
)

func main() {
	log := logs.New(os.Stdout, logs.Level(os.Getenv("LOG_LEVEL")))
	config := awsenv.Config(os.Getenv)
	handler, err := serve.New(tools.All, serve.Options{
		Getenv: os.Getenv, AWS: config, Log: log, Streaming: true,
		Authenticate: keycheck.New(context.Background(), os.Getenv, keystore.ClientOf(config), log),
	})
	if err != nil {
		log.Error("the server cannot start", "error", err.Error())
		os.Exit(1)
	}
	lambda.Start(lambdahttp.Streaming(handler, log))
}
