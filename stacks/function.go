package stacks

import (
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"

	"serverless-mcp/internal/settings"
)

// A function is a Lambda function with the log group that is its own.
type function struct {
	Function awslambda.Function
	LogGroup awslogs.LogGroup
}

// newAuthorizer declares the function that decides about a key. Of the roles of
// functions behind the gateway, its own is the only one that can read the
// secrets with the keys.
func newAuthorizer(stack awscdk.Stack, p Props, defaultKey, issuedKeys awssecretsmanager.CfnSecret) function {
	return newFunction(stack, p, functionOptions{
		id:          "Authorizer",
		zip:         "authorizer.zip",
		description: "Checks the API key of each request",
		memoryMB:    settings.AuthorizerMemoryMB,
		timeout:     settings.AuthorizerTimeout,
		env:         p.Settings.AuthorizerEnv(*orEmpty(arn(defaultKey)), *issuedKeys.Ref()),
		secrets:     readableKeys(defaultKey, issuedKeys),
	})
}

// newMCP declares the function that serves MCP. Besides its own log it can
// read the tools' secrets; what else the tools need, custom.go grants.
func newMCP(stack awscdk.Stack, p Props, toolSecretARNs map[string]string) function {
	return newFunction(stack, p, functionOptions{
		id:          "Mcp",
		zip:         "mcp.zip",
		description: "MCP server " + p.Settings.ServerName,
		memoryMB:    p.Settings.MemoryMB,
		timeout:     settings.FunctionTimeout,
		concurrency: p.Settings.ReservedConcurrency,
		env:         p.Settings.MCPEnv(toolSecretARNs),
		secrets:     sorted(toolSecretARNs),
	})
}

// readableKeys are the ARNs that a function must read to check keys.
func readableKeys(defaultKey, issuedKeys awssecretsmanager.CfnSecret) []string {
	if defaultKey == nil {
		return []string{*issuedKeys.Ref()}
	}
	return []string{*issuedKeys.Ref(), *defaultKey.Ref()}
}

// sorted are the values in the order of their names, so that the template is
// the same each time.
func sorted(m map[string]string) []string {
	var values []string
	for _, name := range slices.Sorted(maps.Keys(m)) {
		values = append(values, m[name])
	}
	return values
}

// orEmpty is the text, or an empty one for nil.
func orEmpty(text *string) *string {
	if text == nil {
		return jsii.String("")
	}
	return text
}

// functionOptions are what the functions differ in. No field has a default.
type functionOptions struct {
	id, zip, description string
	memoryMB             int
	timeout              time.Duration
	concurrency          int // instances at most; zero means no limit of its own
	env                  map[string]string
	secrets              []string // ARNs of what its role may read
}

// newFunction declares a function with a role and a log group of its own. The
// managed policy that the CDK would attach allows writing to every log group.
func newFunction(stack awscdk.Stack, p Props, o functionOptions) function {
	logs := newLogGroup(stack, o.id+"Log", p.Settings)
	role := awsiam.NewRole(stack, jsii.String(o.id+"Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
	pin(role, o.id+"Role")
	allow(role, []string{*logs.LogGroupArn()}, "logs:CreateLogStream", "logs:PutLogEvents")
	if len(o.secrets) > 0 {
		allow(role, o.secrets, "secretsmanager:GetSecretValue")
	}

	settings.AddRuntime(o.env, o.memoryMB)
	props := &awslambda.FunctionProps{
		Description:  jsii.String(o.description),
		Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture: architecture(p.Settings),
		Handler:      jsii.String("bootstrap"),
		// A zip, ready made: the CLI would take the file mode from the disk.
		Code:          awslambda.Code_FromAsset(jsii.String(filepath.Join(p.Dist, o.zip)), nil),
		Role:          role,
		MemorySize:    jsii.Number(o.memoryMB),
		Timeout:       awscdk.Duration_Seconds(jsii.Number(o.timeout.Seconds())),
		Environment:   pointers(o.env),
		LogGroup:      logs,
		LoggingFormat: awslambda.LoggingFormat_JSON,
		// The functions filter by LOG_LEVEL themselves. Lambda takes a line
		// without a level, such as a metric, for INFO and would drop it.
		ApplicationLogLevelV2: awslambda.ApplicationLogLevel_TRACE,
		SystemLogLevelV2:      awslambda.SystemLogLevel_INFO, // with the REPORT lines
	}
	if o.concurrency > 0 {
		props.ReservedConcurrentExecutions = jsii.Number(o.concurrency)
	}
	f := awslambda.NewFunction(stack, jsii.String(o.id), props)
	pin(f, o.id)
	return function{f, logs}
}

func architecture(s settings.Settings) awslambda.Architecture {
	if s.Architecture == "x86_64" {
		return awslambda.Architecture_X86_64()
	}
	return awslambda.Architecture_ARM_64()
}

// pointers turns the strings into what the CDK takes.
func pointers(m map[string]string) *map[string]*string {
	out := map[string]*string{}
	for k, v := range m {
		out[k] = jsii.String(v)
	}
	return &out
}

// newLogGroup declares a log group that goes with the stack: the one that
// Lambda would make by itself is kept for ever, and at a cost.
func newLogGroup(stack awscdk.Stack, id string, s settings.Settings) awslogs.LogGroup {
	g := awslogs.NewLogGroup(stack, jsii.String(id), &awslogs.LogGroupProps{RemovalPolicy: awscdk.RemovalPolicy_DESTROY})
	// The construct itself takes an enumeration, the setting is a number.
	g.Node().DefaultChild().(awslogs.CfnLogGroup).SetRetentionInDays(jsii.Number(s.LogRetentionDays))
	pin(g, id)
	return g
}

// allow adds a statement to a role's own policy.
func allow(role awsiam.Role, resources []string, actions ...string) {
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   jsii.Strings(actions...),
		Resources: jsii.Strings(resources...),
	}))
}
