package stacks

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"

	"serverless-mcp/internal/settings"
)

// newStream declares the shape stream: a function behind a Function URL, which
// passes answers on as they are written. A Function URL asks no authorizer, so
// the function itself checks the keys, and its role can read them. What stops
// a flood is RESERVED_CONCURRENCY alone: there is no throttle either.
func newStream(stack awscdk.Stack, p Props, defaultKey, issuedKeys awssecretsmanager.CfnSecret, toolSecrets map[string]string) (f function, endpoint string) {
	keys := readableKeys(defaultKey, issuedKeys)
	f = newFunction(stack, p, functionOptions{
		id:          "McpStream",
		zip:         "mcpstream.zip",
		description: "MCP server " + p.Settings.ServerName + ", streaming",
		memoryMB:    p.Settings.MemoryMB,
		timeout:     time.Duration(p.Settings.StreamTimeoutSeconds) * time.Second,
		concurrency: p.Settings.ReservedConcurrency,
		env:         p.Settings.StandaloneEnv(toolSecrets, *orEmpty(arn(defaultKey)), *issuedKeys.Ref()),
		secrets:     append(keys, sorted(toolSecrets)...),
	})
	// Open to the network, like the HTTP API. The CDK adds both permissions
	// that AWS asks for: to invoke the URL, and by the URL the function.
	url := f.Function.AddFunctionUrl(&awslambda.FunctionUrlOptions{
		AuthType:   awslambda.FunctionUrlAuthType_NONE,
		InvokeMode: awslambda.InvokeMode_RESPONSE_STREAM,
		Cors:       urlCORS(p.Settings),
	})
	pin(url, "McpStreamUrl")      // a new one has a new address
	endpoint = *url.Url() + "mcp" // the URL ends in a slash
	output(stack, "McpStreamEndpoint", &endpoint, "Where MCP clients connect for answers as they come")
	if p.Settings.Signin.On() {
		output(stack, "SigninStreamEndpoint", jsii.String(*url.Url()+settings.SigninPath[1:]), "Where people connect who sign in, with responses as a stream")
	}
	output(stack, "McpStreamLogGroup", f.LogGroup.LogGroupName(), "Log of the streaming MCP function")
	return f, endpoint
}

// urlCORS is the same for a Function URL as for the HTTP API. Lambda answers
// preflights itself.
func urlCORS(s settings.Settings) *awslambda.FunctionUrlCorsOptions {
	if len(s.AllowedOrigins) == 0 {
		return nil
	}
	return &awslambda.FunctionUrlCorsOptions{
		AllowedOrigins: jsii.Strings(s.AllowedOrigins...),
		AllowedMethods: methods[awslambda.HttpMethod](),
		AllowedHeaders: jsii.Strings(s.CORSHeaders()...),
		MaxAge:         awscdk.Duration_Seconds(jsii.Number(settings.CORSMaxAge.Seconds())),
	}
}
