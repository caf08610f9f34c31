// Command mcp is the Lambda function behind the gateway: it answers MCP.
package main

import (
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"serverless-mcp/internal/hosting/awsenv"
	"serverless-mcp/internal/hosting/lambdahttp"
	"serverless-mcp/internal/hosting/logs"
	"serverless-mcp/internal/hosting/serve"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/tools"
)

func main() {
	log := logs.New(os.Stdout, logs.Level(os.Getenv("LOG_LEVEL")))
	handler, err := serve.New(tools.All, serve.Options{
		Getenv: os.Getenv, AWS: awsenv.Config(os.Getenv), Log: log,
		Authenticate: mcphttp.FromAuthorizer, // the gateway has checked the key
	})
	if err != nil {
		log.Error("the server cannot start", "error", err.Error())
		os.Exit(1)
	}
	lambda.Start(lambdahttp.Buffered(handler, log))
}
