package stacks

import (
	"path/filepath"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"serverless-mcp/internal/settings"
)

// A function is a Lambda function and its log group.
type function struct {
	Function awslambda.Function
	LogGroup awslogs.LogGroup
}

// newAuthorizer declares the authorizer function. Of the functions behind the HTTP
// API, only its role can read the secrets with the keys.
func newAuthorizer(stack awscdk.Stack, p Props, all secrets) function {
	return newFunction(stack, p, functionOptions{
		id:          "Authorizer",
		zip:         "authorizer.zip",
		description: "Checks the API key of each request",
		memoryMB:    settings.AuthorizerMemoryMB,
		timeout:     settings.AuthorizerTimeout,
		env:         p.Settings.AuthorizerEnv(all.defaultKeyARN(), *all.issuedKeys.Ref()),
		secrets:     all.keyARNs(),
	})
}

// newMCP declares the MCP function behind the HTTP API. It can write its log and read the
// tools' secrets; custom.go grants other access that the tools need.
func newMCP(stack awscdk.Stack, p Props, all secrets) function {
	return newFunction(stack, p, functionOptions{
		id:          "Mcp",
		zip:         "mcp.zip",
		description: "MCP server " + p.Settings.ServerName,
		memoryMB:    p.Settings.MemoryMB,
		timeout:     settings.FunctionTimeout,
		concurrency: p.Settings.ReservedConcurrency,
		env:         p.Settings.MCPEnv(all.tools),
		secrets:     all.toolARNs(),
	})
}

// functionOptions are the properties that differ between the functions.
type functionOptions struct {
	id, zip, description string
	memoryMB             int
	timeout              time.Duration
	concurrency          int // reserved; zero means unreserved
	env                  map[string]string
	secrets              []string // ARNs of the secrets that its role may read
	untraced             bool     // TRACING does not apply to it
}

// newFunction declares a function with its own role and log group. The managed
// policy that the CDK would attach allows writing to every log group.
func newFunction(stack awscdk.Stack, p Props, o functionOptions) function {
	logs := newLogGroup(stack, o.id+"Log", "", p.Settings)
	role := awsiam.NewRole(stack, jsii.String(o.id+"Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
	pin(role, o.id+"Role")
	allow(role, []string{*logs.LogGroupArn()}, "logs:CreateLogStream", "logs:PutLogEvents")
	if len(o.secrets) > 0 {
		allow(role, o.secrets, "secretsmanager:GetSecretValue")
	}

	settings.AddRuntime(o.env, o.memoryMB)
	traced := p.Settings.Watch.Tracing && !o.untraced
	props := &awslambda.FunctionProps{
		Description:  jsii.String(o.description),
		Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture: architecture(p.Settings),
		Handler:      jsii.String("bootstrap"),
		// A finished zip: if the CLI made it, the file modes would come from the disk.
		Code:          awslambda.Code_FromAsset(jsii.String(filepath.Join(p.Dist, o.zip)), nil),
		Role:          role,
		MemorySize:    jsii.Number(o.memoryMB),
		Timeout:       seconds(o.timeout),
		Environment:   pointers(o.env),
		LogGroup:      logs,
		LoggingFormat: awslambda.LoggingFormat_JSON,
		// The functions filter by LOG_LEVEL themselves. Lambda treats a line without
		// a level, such as a metric, as INFO and would drop it at a higher level.
		ApplicationLogLevelV2: awslambda.ApplicationLogLevel_TRACE,
		SystemLogLevelV2:      awslambda.SystemLogLevel_INFO, // includes the REPORT lines
	}
	if traced {
		// The CDK adds the permission to write traces to the role.
		props.Tracing = awslambda.Tracing_ACTIVE
	}
	if o.concurrency > 0 {
		props.ReservedConcurrentExecutions = jsii.Number(o.concurrency)
	}
	f := awslambda.NewFunction(stack, jsii.String(o.id), props)
	pin(f, o.id)
	if traced {
		// The CDK adds the policy with the permission when it declares the function.
		suppress(child(role.Node().FindChild(jsii.String("DefaultPolicy"))), "AwsSolutions-IAM5",
			"xray:PutTraceSegments and PutTelemetryRecords do not support resources. They can only add traces.")
	}
	return function{f, logs}
}

func architecture(s settings.Settings) awslambda.Architecture {
	if s.Architecture == "x86_64" {
		return awslambda.Architecture_X86_64()
	}
	return awslambda.Architecture_ARM_64()
}
