// Command gosdk serves the four sample tools with the official Go SDK, stateless and with
// JSON responses, behind the same adapter as our function. It has none of our guards: no
// scopes, no log, and no limits except the SDK's.
package main

import (
	"context"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"serverless-mcp/internal/hosting/lambdahttp"
)

func main() {
	started := time.Now()
	server := mcp.NewServer(&mcp.Implementation{Name: "bench", Version: "1.0.0"}, nil)
	mcp.AddTool(server, describe("calculate", "Adds, subtracts, multiplies or divides two numbers."), calculate)
	mcp.AddTool(server, describe("get_weather", "Returns the current weather in a city: temperature, condition, humidity and wind."), getWeather)
	mcp.AddTool(server, describe("lookup_user", "Looks up one user by id: name, email, department, and whether the account is active."), lookupUser)
	mcp.AddTool(server, describe("get_server_status", "Reports that the server is up, where it runs and for how long."),
		func(context.Context, *mcp.CallToolRequest, struct{}) (*mcp.CallToolResult, status, error) {
			return nil, statusSince(started), nil
		})
	handler := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server },
		&mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true})
	lambda.Start(lambdahttp.Buffered(handler, nil))
}

func describe(name, description string) *mcp.Tool {
	return &mcp.Tool{Name: name, Description: description, Annotations: &mcp.ToolAnnotations{ReadOnlyHint: true, IdempotentHint: true}}
}

type status struct {
	Status        string    `json:"status"`
	Time          time.Time `json:"time"`
	Region        string    `json:"region"`
	Function      string    `json:"function"`
	Version       string    `json:"version"`
	LogStream     string    `json:"log_stream"`
	UptimeSeconds float64   `json:"uptime_seconds"`
}

func statusSince(started time.Time) status {
	return status{
		Status: "ok", Time: time.Now().UTC(), UptimeSeconds: time.Since(started).Seconds(),
		Region: os.Getenv("AWS_REGION"), Function: os.Getenv("AWS_LAMBDA_FUNCTION_NAME"),
		Version: os.Getenv("AWS_LAMBDA_FUNCTION_VERSION"), LogStream: os.Getenv("AWS_LAMBDA_LOG_STREAM_NAME"),
	}
}
