// Command mcp is the Lambda function behind the gateway: it serves MCP.
package main

import (
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"serverless-mcp/internal/hosting/logs"
	"serverless-mcp/internal/hosting/mcplambda"
	"serverless-mcp/tools"
)

func main() {
	handler, err := mcplambda.Buffered(os.Getenv, tools.All)
	if err != nil {
		logs.New(os.Stdout, slog.LevelInfo).Error("cannot start the MCP function", "error", err.Error())
		os.Exit(1)
	}
	lambda.Start(handler)
}
