package mcplambda

import (
	"context"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"serverless-mcp/internal/hosting/serve"
	"serverless-mcp/internal/jobs"
	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/tool"
	"serverless-mcp/tools"
)

// Job returns the function that runs jobs. It is invoked asynchronously with the id of a
// job, and an error makes Lambda deliver the event again. The parameter all returns the
// tools: it is tools.All, except in tests. Job reads the same environment as [Buffered],
// in which the table of jobs must be set.
func Job(getenv func(string) string, all func(tools.Config) tool.Set) (func(context.Context, jobs.Event) error, error) {
	o := options(getenv)
	runner, err := mcpserver.NewJobRunner(o.Log, serve.Tools(all, o))
	if err != nil {
		return nil, err
	}
	worker := jobs.NewWorker(jobs.WorkerOptions{
		Table: jobs.NewClient(o.AWS), Name: getenv(settings.EnvJobsTable), Run: runner.Run, Log: o.Log, RequestID: invocationID,
	})
	return worker.Handle, nil
}

// invocationID returns the id of an invocation, as it appears in Lambda's own log lines.
func invocationID(ctx context.Context) string {
	if c, ok := lambdacontext.FromContext(ctx); ok {
		return c.AwsRequestID
	}
	return ""
}
