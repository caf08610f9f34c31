package jobs

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/jobs"
	"serverless-mcp/internal/settings"
)

// targetFlags select the table of a command: the deployed stack's, or with --local the
// local server's.
type targetFlags struct {
	local bool
	cli.StackTarget
}

func (f *targetFlags) flags(cmd *cobra.Command) {
	f.StackTarget.Flags(cmd)
	cli.LocalFlag(cmd, &f.local, cli.LocalUsage)
}

// target is a table with the client to reach it.
type target struct {
	client  *dynamodb.Client
	table   string
	explain func(action string, err error) error
}

// service returns a service that reads and cancels jobs, but cannot start any.
func (t target) service() *jobs.Service {
	return jobs.New(jobs.Options{Table: t.client, Name: t.table})
}

// find returns the table that the flags select.
func (f targetFlags) find(ctx context.Context, env *cli.Env) (target, error) {
	if f.local {
		return findLocal(env)
	}
	stack, err := f.Find(ctx, env)
	if err != nil {
		return target{}, err
	}
	table, err := stack.Output("JobsTable")
	if err != nil {
		if stack.Problem() != "" {
			return target{}, err
		}
		return target{}, fmt.Errorf("%s has no jobs: set JOBS=true and deploy", stack)
	}
	return target{dynamodb.NewFromConfig(stack.Config), table, stack.Explain}, nil
}

// findLocal returns the table of the local server of this project.
func findLocal(env *cli.Env) (target, error) {
	state, err := cli.LocalState(env)
	if err != nil {
		return target{}, err
	}
	client := dynamodb.NewFromConfig(cli.LocalAWS(), func(o *dynamodb.Options) { o.BaseEndpoint = &state.DynamoDB })
	return target{client, local.TableName(settings.JobsTableID), func(_ string, err error) error { return err }}, nil
}
