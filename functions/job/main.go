// Command job is the Lambda function that runs jobs: tool calls that take longer than
// the gateway waits. The other functions invoke it asynchronously.
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
	handler, err := mcplambda.Job(os.Getenv, tools.All)
	if err != nil {
		logs.New(os.Stdout, slog.LevelInfo).Error("cannot start the job function", "error", err.Error())
		os.Exit(1)
	}
	lambda.Start(handler)
}
