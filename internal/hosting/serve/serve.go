// Package serve builds the HTTP handler that every deployment shape runs: the
// tools with their configuration, the MCP server that offers them, and the HTTP
// guards around it. [Options] holds what differs between the shapes.
package serve

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/hosting/keycheck"
	"serverless-mcp/internal/hosting/lambdahttp"
	"serverless-mcp/internal/hosting/signincheck"
	"serverless-mcp/internal/hosting/toolsecret"
	"serverless-mcp/internal/jobs"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/mcp/mcpjob"
	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/mcp/mcpsession"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/tool"
	"serverless-mcp/tools"
)

// Version is the server's version, as clients show it.
const Version = settings.Version

// Options of [New]. [FromEnv] fills Name, Presentation, AllowedOrigins, Setting,
// Signin, LimitsTable, JobsTable and JobFunction.
type Options struct {
	// Name is the server's name, as clients show it; required.
	Name string
	// Presentation holds what clients show in addition to the name; zero means nothing.
	Presentation settings.Presentation
	// AllowedOrigins are the origins of web pages that may call; nil means none.
	AllowedOrigins []string
	// Setting returns the value of a TOOL_* setting and the ARN of a
	// TOOL_SECRET_*, or "" if it is unset; nil means that all are unset.
	Setting func(name string) string
	// AWS is the region and the credentials for the tools and for reading their
	// secrets. Zero means no AWS.
	AWS aws.Config
	// Runtime describes where the tools run. Region and Invocations are set here;
	// the rest is empty outside Lambda.
	Runtime tools.Runtime
	// Authenticate returns the principal of a request; required, see mcphttp.Options.
	Authenticate func(*http.Request) (apikey.Principal, error)
	// Recheck ends the streams and calls of a key that is no longer accepted; nil
	// means that only its expiry does, see mcphttp.Options.
	Recheck func(*http.Request) error
	// Signin authenticates people who sign in; zero means that sign-in is off.
	Signin signincheck.Options
	// LimitsTable is the table that counts calls of keys with limits; empty means that
	// they are not counted.
	LimitsTable string
	// MaxBody is the limit of a request body in bytes; zero means mcphttp.DefaultMax.
	MaxBody int64
	// MaxBytes, MaxKeyCalls and MaxStreams limit the bodies of the requests in progress,
	// the requests of a key in progress, and the streams of sessions; zero means the
	// default of mcphttp.Options.
	MaxBytes    int64
	MaxKeyCalls int
	MaxStreams  int
	// Streaming allows SSE responses; false means one JSON response.
	Streaming bool
	// JobsTable and JobFunction are the name of the table with the jobs and the ARN of
	// the function that runs them; "" means that jobs cannot outlive their call.
	JobsTable, JobFunction string
	// JobsInCall lets jobs run within their call if they cannot outlive it; false means
	// that such a call returns an error that names the missing setting.
	JobsInCall bool
	// Sessions holds the sessions of clients before 2026-07-28; nil means none.
	Sessions *mcpsession.Store
	// CORS is for a server that answers browsers' preflights itself; nil means
	// that a gateway in front does.
	CORS *mcphttp.CORS
	// Log may be nil.
	Log *slog.Logger
}

// FromEnv returns options with the fields that every shape reads from the
// environment, see settings.MCPEnv.
func FromEnv(getenv func(string) string) Options {
	return Options{
		Name:           getenv(settings.EnvServerName),
		Presentation:   settings.PresentationFromEnv(getenv),
		AllowedOrigins: strings.FieldsFunc(getenv(settings.EnvAllowedOrigins), func(r rune) bool { return r == ',' }),
		Setting:        getenv,
		Signin:         signincheck.FromEnv(getenv),
		JobsTable:      getenv(settings.EnvJobsTable),
		JobFunction:    getenv(settings.EnvJobFunction),
		LimitsTable:    getenv(settings.EnvLimitsTable),
	}
}

// icons returns the server's icon, with its media type if src is a data URI.
func icons(src string) []mcp.Icon {
	if src == "" {
		return nil
	}
	icon := mcp.Icon{Src: src}
	if kind, _, ok := strings.Cut(strings.TrimPrefix(src, "data:"), ";"); ok && strings.HasPrefix(src, "data:") {
		icon.MIMEType = kind
	}
	return []mcp.Icon{icon}
}

// Tools calls all with the configuration from the options.
func Tools(all func(tools.Config) tool.Set, o Options) tool.Set {
	if o.Setting == nil {
		o.Setting = func(string) string { return "" }
	}
	o.Runtime.Region = o.AWS.Region
	secrets := toolsecret.New(toolsecret.Options{ARN: o.Setting, Secrets: secretsmanager.NewFromConfig(o.AWS)})
	return all(tools.Config{Setting: o.Setting, Secret: secrets.Get, AWS: o.AWS, Runtime: o.Runtime})
}

// jobs returns the service for the jobs of a set, or nil if the set has none or they
// cannot outlive their call.
func (o Options) jobs(set tool.Set) mcpjob.Service {
	if o.JobsTable == "" || !set.HasJobs() {
		return nil
	}
	return jobs.Open(o.AWS, o.JobsTable, o.JobFunction, o.Log)
}

// New returns the handler for the tools. The parameter all returns them: it is tools.All,
// except in tests. If declarations are wrong, the error of New lists every fault.
func New(all func(tools.Config) tool.Set, o Options) (http.Handler, error) {
	var calls atomic.Int64
	o.Runtime.Invocations = calls.Load
	set := Tools(all, o)
	service := o.jobs(set)
	count := newCount(o)
	server, err := mcpserver.New(mcpserver.Options{
		Limit: count.limit, Name: o.Name, Version: Version, Streaming: o.Streaming, Log: o.Log,
		Title: o.Presentation.Title, Instructions: o.Presentation.Instructions, Website: o.Presentation.Website, Icons: icons(o.Presentation.Icon),
		Jobs: service, JobsInCall: o.JobsInCall,
	}, set)
	if err != nil {
		return nil, fmt.Errorf("create the MCP server: %w", err)
	}
	people, err := signincheck.New(o.Signin, o.Log)
	if err != nil {
		return nil, err
	}
	handler := mcphttp.New(server, mcphttp.Options{
		RequestID: keycheck.RequestID, Usage: count.usage,
		Paths:        people.Paths(settings.MCPPath, settings.BearerPath),
		Authenticate: people.Authenticate(o.Authenticate), Recheck: people.Recheck(o.Recheck), MaxBody: o.MaxBody, MaxBytes: o.MaxBytes, MaxKeyCalls: o.MaxKeyCalls, MaxStreams: o.MaxStreams, AllowedOrigins: o.AllowedOrigins, CORS: o.CORS, Streaming: o.Streaming, Sessions: o.Sessions, Log: o.Log,
		Jobs: service,
	})
	return lambdahttp.Counted(people.Handler(handler), &calls), nil
}
