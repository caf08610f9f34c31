package tools

import (
	"context"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/tool"
)

type statusOutput struct {
	Status           string    `json:"status" enum:"ok" doc:"ok: it answers"`
	Time             time.Time `json:"time" doc:"the server's time, in UTC"`
	Source           string    `json:"source" enum:"lambda,process" doc:"what the server runs as"`
	Region           string    `json:"region,omitempty" doc:"AWS region"`
	Function         string    `json:"function,omitempty" doc:"name of the Lambda function"`
	Version          string    `json:"version,omitempty" doc:"version of the Lambda function"`
	LogStream        string    `json:"log_stream,omitempty" doc:"where this instance logs in CloudWatch"`
	ProtocolVersions []string  `json:"protocol_versions" doc:"MCP versions that the server speaks, newest first"`
	UptimeSeconds    float64   `json:"uptime_seconds" min:"0" doc:"how long this instance has been running"`
	Invocations      int64     `json:"invocations" min:"0" doc:"calls that this instance has had, this one included; 0 where nobody counts"`
	DurationMS       float64   `json:"duration_ms" min:"0" doc:"time it took to gather this"`
}

// protocolVersions are those of Streamable HTTP. mcp-go knows 2024-11-05 too,
// whose transport is not served here.
var protocolVersions = []string{
	mcp.ProtocolVersion20260728, mcp.ProtocolVersion20251125, mcp.ProtocolVersion20250618, mcp.ProtocolVersion20250326,
}

// getServerStatus is the introspective kind of tool: what a server can say of
// itself. Everything comes in by the configuration, the clock included.
func getServerStatus(cfg Config) tool.Tool {
	return tool.New(tool.Info{
		Name:        "get_server_status",
		Title:       "Server status",
		Description: "Tells that the server is up, where it runs and for how long.",
		ReadOnly:    true,
	}, func(context.Context, struct{}) (statusOutput, error) {
		return status(cfg), nil
	})
}

// serverStatusResource is the same as a document that a client can attach.
func serverStatusResource(cfg Config) tool.Resource {
	return tool.NewResource(tool.ResourceInfo{
		URI:         "server://status",
		Name:        "server_status",
		Title:       "Server status",
		Description: "What get_server_status returns, as a document.",
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
