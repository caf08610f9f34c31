// Command mcp is the Lambda function behind the gateway: it answers MCP.
package main

import (
	"os"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-lambda-go/lambda"
	aws "github.com/aws/aws-lambda-go/lambdacontext"

	"serverless-mcp/internal/lambdahttp"
	"serverless-mcp/internal/logs"
	"serverless-mcp/internal/mcphttp"
	"serverless-mcp/internal/mcpserver"
	"serverless-mcp/internal/toolsecret"
	"serverless-mcp/tools"
)

func main() {
	var calls atomic.Int64
	log := logs.New(os.Stdout, logs.Level(os.Getenv("LOG_LEVEL")))
	set := tools.All(tools.Config{
		Setting: os.Getenv,
		Secret:  toolsecret.New(toolsecret.Options{ARN: os.Getenv, Secrets: toolsecret.LambdaClient(os.Getenv)}).Get,
		Runtime: tools.Runtime{Region: os.Getenv("AWS_REGION"), Function: aws.FunctionName, Version: aws.FunctionVersion, LogStream: aws.LogStreamName, Invocations: calls.Load},
	})
	server, err := mcpserver.New(mcpserver.Options{Name: os.Getenv("SERVER_NAME"), Log: log}, set)
	if err != nil {
		log.Error("the server cannot start", "error", err.Error())
		os.Exit(1)
	}
	origins := strings.FieldsFunc(os.Getenv("ALLOWED_ORIGINS"), func(r rune) bool { return r == ',' })
	handler := mcphttp.New(server, mcphttp.Options{Authenticate: mcphttp.FromAuthorizer, AllowedOrigins: origins, Log: log})
	lambda.Start(lambdahttp.Buffered(lambdahttp.Counted(handler, &calls), log))
}
