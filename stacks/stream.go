package stacks

import (
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfrontorigins"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"serverless-mcp/internal/settings"
)

// newStream declares the shape stream: a function with a Function URL, which
// streams responses. A Function URL has no authorizer, so the function checks the
// keys and its role can read them. It has no throttle either: RESERVED_CONCURRENCY
// is its only load limit.
func newStream(stack awscdk.Stack, p Props, all secrets) (server Server, endpoint string) {
	s := p.Settings
	f := newFunction(stack, p, functionOptions{
		id:          "McpStream",
		zip:         "mcpstream.zip",
		description: "MCP server " + s.ServerName + ", streaming",
		memoryMB:    s.MemoryMB,
		timeout:     time.Duration(s.StreamTimeoutSeconds) * time.Second,
		concurrency: s.ReservedConcurrency,
		env:         s.StandaloneEnv(all.tools, all.defaultKeyARN(), *all.issuedKeys.Ref()),
		secrets:     append(all.keyARNs(), all.toolARNs()...),
	})
	// Open to the internet, like the HTTP API. The CDK adds both permissions that AWS
	// requires: to invoke the URL, and to invoke the function through the URL.
	url := f.Function.AddFunctionUrl(&awslambda.FunctionUrlOptions{
		AuthType:   awslambda.FunctionUrlAuthType_NONE,
		InvokeMode: awslambda.InvokeMode_RESPONSE_STREAM,
		Cors:       urlCORS(s),
	})
	pin(url, "McpStreamUrl") // a new URL resource has a new address
	base := strings.TrimSuffix(*url.Url(), "/")
	if s.DomainOf(settings.ShapeStream) != "" {
		base = "https://" + newStreamFront(stack, s, url)
		if s.Signin.On() {
			// CloudFront does not forward the domain name.
			f.Function.AddEnvironment(jsii.String(settings.EnvSigninResource), jsii.String(base+settings.SigninPath), nil)
		}
	}
	endpoint = base + settings.Paths()[0]
	output(stack, "McpStreamEndpoint", &endpoint, "Endpoint for MCP clients with streamed responses")
	if s.Signin.On() {
		output(stack, "SigninStreamEndpoint", jsii.String(base+settings.SigninPath), "Endpoint for MCP clients that sign in, with streamed responses")
	}
	output(stack, "McpStreamLogGroup", f.LogGroup.LogGroupName(), "Log of the streaming MCP function")
	return f.server(settings.ShapeStream), endpoint
}

// newStreamFront declares the CloudFront distribution that gives the Function URL a
// domain name, and returns its host name. It has no origin access control, which would
// require clients to send the hash of each body; MCP clients do not. The Function URL
// itself stays reachable; the function checks the same keys there.
func newStreamFront(stack awscdk.Stack, s settings.Settings, url awslambda.FunctionUrl) string {
	return newDistribution(stack, s, distributionOptions{
		id: "StreamFront", shape: settings.ShapeStream, output: "McpStream",
		origin: awscloudfrontorigins.NewFunctionUrlOrigin(url, &awscloudfrontorigins.FunctionUrlOriginProps{
			ReadTimeout:      seconds(settings.OriginReadTimeout),
			KeepaliveTimeout: seconds(settings.OriginKeepAlive),
		}),
	})
}

// urlCORS returns the Function URL's CORS configuration, which is the same as the HTTP
// API's. Lambda responds to preflight requests itself.
func urlCORS(s settings.Settings) *awslambda.FunctionUrlCorsOptions {
	if len(s.AllowedOrigins) == 0 {
		return nil
	}
	return &awslambda.FunctionUrlCorsOptions{
		AllowedOrigins: jsii.Strings(s.AllowedOrigins...),
		AllowedMethods: methods[awslambda.HttpMethod](),
		AllowedHeaders: jsii.Strings(s.CORSHeaders()...),
		MaxAge:         seconds(settings.CORSMaxAge),
	}
}
