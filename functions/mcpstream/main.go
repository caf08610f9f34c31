// Command mcpstream is the Lambda function behind a Function URL: it serves MCP
// over SSE and checks the keys itself, since a Function URL has no authorizer.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"serverless-mcp/internal/hosting/logs"
	"serverless-mcp/internal/hosting/mcplambda"
	"serverless-mcp/tools"
)

func main() {
	handler, err := mcplambda.Streaming(context.Background(), os.Getenv, tools.All)
	if err != nil {
		logs.New(os.Stdout, slog.LevelInfo).Error("cannot start the MCP function", "error", err.Error())
		os.Exit(1)
	}
	lambda.Start(handler)
}
