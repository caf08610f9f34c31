package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"serverless-mcp/internal/settings"
)

// newJobs declares what JOBS=true adds: a table, and a function that runs the jobs of
// all servers. The function has the same tools and tool secrets; custom.go grants it
// what the tools need, as a server of the shape "job".
func newJobs(stack awscdk.Stack, p Props, all secrets, servers []Server) Server {
	table := newJobsTable(stack)
	job := newFunction(stack, p, functionOptions{
		id:          settings.JobID,
		zip:         "job.zip",
		description: "Runs the jobs of " + p.Settings.ServerName,
		memoryMB:    p.Settings.MemoryMB,
		timeout:     settings.JobTimeout,
		concurrency: p.Settings.ReservedConcurrency,
		env:         p.Settings.JobEnv(all.tools, *table.TableName()),
		secrets:     all.toolARNs(),
	})
	grant(job.Function, table.TableArn(), "dynamodb:GetItem", "dynamodb:PutItem")
	for _, server := range servers {
		grant(server.Role, table.TableArn(), "dynamodb:GetItem", "dynamodb:PutItem")
		grant(server.Role, job.Function.FunctionArn(), "lambda:InvokeFunction")
		server.Set(settings.EnvJobsTable, table.TableName())
		server.Set(settings.EnvJobFunction, job.Function.FunctionArn())
	}
	output(stack, "JobsTable", table.TableName(), "Table with the jobs")
	output(stack, "JobLogGroup", job.LogGroup.LogGroupName(), "Log of the job function")
	return job.server("job")
}

// newJobsTable declares the table with the jobs. It costs nothing while it is idle. It is
// deleted with the stack, because jobs are kept for only a day.
func newJobsTable(stack awscdk.Stack) awsdynamodb.Table {
	table := awsdynamodb.NewTable(stack, jsii.String(settings.JobsTableID), &awsdynamodb.TableProps{
		PartitionKey:        &awsdynamodb.Attribute{Name: jsii.String(settings.JobsTableKey), Type: awsdynamodb.AttributeType_STRING},
		BillingMode:         awsdynamodb.BillingMode_PAY_PER_REQUEST,
		TimeToLiveAttribute: jsii.String(settings.JobsTableTTL),
		RemovalPolicy:       awscdk.RemovalPolicy_DESTROY,
	})
	pin(table, settings.JobsTableID) // a new table would not have the running jobs
	suppress(child(table), "AwsSolutions-DDB3", "A job is kept for a day: a backup of it would outlive it.")
	return table
}

// grant adds a statement to the policy of a grantee's role.
func grant(to awsiam.IGrantable, resource *string, actions ...string) {
	to.GrantPrincipal().AddToPrincipalPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings(actions...), Resources: &[]*string{resource},
	}))
}
