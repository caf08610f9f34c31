package tools

import (
	"context"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/tool"
)

type statusOutput struct {
	Status           string    `json:"status" enum:"ok" doc:"always ok: the server responds"`
	Time             time.Time `json:"time" doc:"the server's time, in UTC"`
	Source           string    `json:"source" enum:"lambda,process" doc:"where the server runs: an AWS Lambda function or an ordinary process"`
	Region           string    `json:"region,omitempty" doc:"AWS region"`
	Function         string    `json:"function,omitempty" doc:"name of the Lambda function"`
	Version          string    `json:"version,omitempty" doc:"version of the Lambda function"`
	LogStream        string    `json:"log_stream,omitempty" doc:"CloudWatch log stream of this instance"`
	ProtocolVersions []string  `json:"protocol_versions" doc:"MCP versions that the server speaks, newest first"`
	UptimeSeconds    float64   `json:"uptime_seconds" min:"0" doc:"how long this instance has been running, in seconds"`
	Invocations      int64     `json:"invocations" min:"0" doc:"number of calls to this instance, including this one; 0 if calls are not counted"`
	DurationMS       float64   `json:"duration_ms" min:"0" doc:"time taken to collect this status, in milliseconds"`
}

// protocolVersions are the versions with Streamable HTTP. mcp-go also supports
// 2024-11-05, whose transport is not served here.
var protocolVersions = []string{
	mcp.ProtocolVersion20260728, mcp.ProtocolVersion20251125, mcp.ProtocolVersion20250618, mcp.ProtocolVersion20250326,
}

// getServerStatus is a tool that reports on the server itself. Everything it needs comes
// from the configuration, including the clock.
func getServerStatus(cfg Config) tool.Tool {
	return tool.New(tool.Info{
		Name:        "get_server_status",
		Title:       "Server status",
		Description: "Reports that the server is up, where it runs and for how long.",
		ReadOnly:    true,
	}, func(context.Context, struct{}) (statusOutput, error) {
		return status(cfg), nil
	})
}

// serverStatusResource offers the same status as a document that clients can attach.
func serverStatusResource(cfg Config) tool.Resource {
	return tool.NewResource(tool.ResourceInfo{
		URI:         "server://status",
		Name:        "server_status",
		Title:       "Server status",
		Description: "What get_server_status returns, as a document.",
		Meta:        map[string]any{"example.com/refresh-seconds": 60}, // for clients that know it
		Needs:       "get_server_status",
	}, func(context.Context) (statusOutput, error) {
		return status(cfg), nil
	})
}

func status(cfg Config) statusOutput {
	now, r := cfg.Now(), cfg.Runtime
	s := statusOutput{
		Status:           "ok",
		Time:             now.UTC(),
		Source:           "process",
		Region:           r.Region,
		Function:         r.Function,
		Version:          r.Version,
		LogStream:        r.LogStream,
		ProtocolVersions: protocolVersions,
		UptimeSeconds:    now.Sub(r.Started).Seconds(),
		Invocations:      r.Invocations(),
	}
	if r.Function != "" {
		s.Source = "lambda"
	}
	s.DurationMS = float64(cfg.Now().Sub(now).Microseconds()) / 1000
	return s
}
