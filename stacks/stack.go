// Package stacks declares what is deployed: one CloudFormation stack with
// the secrets that hold the keys and, for each of SHAPES, a server. Read [New] from
// top to bottom; each file beside it explains one kind of resource.
//
// What you add for your own tools goes into custom.go, and nowhere else.
package stacks

import (
	"cmp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"serverless-mcp/internal/settings"
)

// Props says what the stack is made of.
type Props struct {
	Settings settings.Settings            // checked by settings.Parse
	Dist     string                       // folder with the functions' zips, made by internal/deploy/bundle; empty means "dist"
	Custom   func(awscdk.Stack, []Server) // what the tools need besides, see [Custom]; nil means nothing
	Problem  error                        // what is wrong with the settings: the stack can be listed and destroyed, not deployed; nil means nothing
}

// New declares the stack. It belongs to no particular account or region: those
// are chosen when it is deployed, and the template is the same in all of them.
func New(scope constructs.Construct, p Props) awscdk.Stack {
	s := p.Settings
	if p.Dist == "" {
		p.Dist = "dist"
	}
	stack := awscdk.NewStack(scope, jsii.String(s.FullStackName()), &awscdk.StackProps{
		Description: jsii.String("MCP server " + s.ServerName + " behind an API key"),
		// Otherwise a setting of the CLI would decide about a resource.
		AnalyticsReporting:    jsii.Bool(false),
		TerminationProtection: jsii.Bool(s.Protected()),
	})
	if p.Problem != nil {
		// Not a failure of the app: destroying needs no more than the name.
		awscdk.Annotations_Of(stack).AddError(jsii.String(p.Problem.Error()))
	}
	if s.Signin.Issuer == settings.LocalIssuer {
		awscdk.Annotations_Of(stack).AddError(jsii.String("SIGNIN_ISSUER=" + settings.LocalIssuer + " works with mcpctl local only: set the URL of an issuer, or leave it unset"))
	}

	// Who may come in.
	defaultKey := newDefaultKey(stack, KeyOf(s))
	issuedKeys := newIssuedKeys(stack)
	if s.Protected() {
		issuedKeys.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
	}
	toolSecrets := newToolSecrets(stack, s)

	// What they reach: the same tools in each shape that was chosen.
	var servers []Server
	var endpoint string             // of the first shape
	var api awsapigatewayv2.HttpApi // nil without it
	if s.Has(settings.ShapeHTTPAPI) {
		mcp, made := newHTTPShape(stack, p, defaultKey, issuedKeys, toolSecrets)
		servers, api = append(servers, mcp.server(settings.ShapeHTTPAPI)), made
		endpoint = *api.ApiEndpoint() + settings.Paths()[0]
	}
	if s.Has(settings.ShapeStream) {
		mcp, url := newStream(stack, p, defaultKey, issuedKeys, toolSecrets)
		servers, endpoint = append(servers, mcp.server(settings.ShapeStream)), cmp.Or(endpoint, url)
	}
	if s.Has(settings.ShapeContainer) {
		server, url := newContainer(stack, p, defaultKey, issuedKeys, toolSecrets)
		servers, endpoint = append(servers, server), cmp.Or(endpoint, url)
	}
	if p.Custom != nil {
		p.Custom(stack, servers)
	}

	output(stack, "McpEndpoint", &endpoint, "Where MCP clients connect, with the header x-api-key")
	output(stack, "ApiKeySecretArn", arn(defaultKey), "The secret with the deployment's key, or its hash")
	output(stack, "ApiKeyFingerprint", jsii.String(KeyOf(s).Fingerprint()), "First digits of the key's SHA-256")
	output(stack, "IssuedKeysSecretArn", arn(issuedKeys), "The secret with the hashes of the issued keys")
	output(stack, "KeysPolicy", jsii.String(keysPolicy(stack, api, issuedKeys)), "The smallest IAM policy for mcpctl keys; whoever has it can make keys for everything")
	output(stack, "NextStep", jsii.String("go tool mcpctl tools --stack "+s.FullStackName()+" --region "+*stack.Region()),
		"A first call; add --profile as for the deployment, and set MCP_API_KEY where the key is not in .env")
	return stack
}

// output declares what mcpctl and people read from the deployed stack. One
// without a value is left out.
func output(stack awscdk.Stack, id string, value *string, description string) {
	if value == nil {
		return
	}
	awscdk.NewCfnOutput(stack, jsii.String(id), &awscdk.CfnOutputProps{Value: value, Description: jsii.String(description)})
}

// pin fixes the logical id of a construct's resource. CloudFormation knows a
// resource by nothing else: with another id it would make a new one and delete
// the old, with the endpoint, the keys or the logs that are in it.
func pin(c constructs.Construct, id string) {
	c.Node().DefaultChild().(awscdk.CfnElement).OverrideLogicalId(jsii.String(id))
}
