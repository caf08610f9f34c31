// Package stacks declares what is deployed: one CloudFormation stack with the
// secrets for the keys and a server for each of SHAPES. Read [New] from top to
// bottom; each other file declares one kind of resource.
//
// Put the resources of your own tools into custom.go, and nowhere else.
package stacks

import (
	"cmp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/settings"
)

// Props are the inputs of the stack.
type Props struct {
	Settings settings.Settings            // checked by settings.Parse
	Dist     string                       // folder with the functions' zips, built by internal/deploy/bundle; empty means "dist"
	Custom   func(awscdk.Stack, []Server) // resources of the tools, see [Custom]; nil means none
	Problem  error                        // invalid settings: the stack can be listed and destroyed, but not deployed; nil means valid
}

// New declares the stack. It does not depend on an account or a region: the CLI
// selects those, and the template is the same in all of them.
func New(scope constructs.Construct, p Props) awscdk.Stack {
	s := p.Settings
	if p.Dist == "" {
		p.Dist = "dist"
	}
	stack := awscdk.NewStack(scope, jsii.String(s.FullStackName()), &awscdk.StackProps{
		Description: jsii.String("MCP server " + s.ServerName + " behind an API key"),
		// Whatever the CLI's options are: analytics would add a resource.
		AnalyticsReporting:    jsii.Bool(false),
		TerminationProtection: jsii.Bool(s.Protected()),
	})
	if p.Problem != nil {
		// An annotation instead of an error: cdk destroy must still work.
		awscdk.Annotations_Of(stack).AddError(jsii.String(p.Problem.Error()))
	}
	if s.Signin.Issuer == settings.LocalIssuer {
		awscdk.Annotations_Of(stack).AddError(jsii.String("SIGNIN_ISSUER=" + settings.LocalIssuer + " works with mcpctl local only: set the URL of an issuer, or leave it unset"))
	}

	if s.Signin.Issuer == settings.CognitoIssuer {
		s.Signin.Issuer = newUserPool(stack, s)
		p.Settings = s
	}

	all := newSecrets(stack, s)

	// The servers: the same tools in each shape.
	var servers []Server
	var endpoint string             // of the first shape
	var api awsapigatewayv2.HttpApi // nil without the shape http-api
	if s.Has(settings.ShapeHTTPAPI) {
		var server Server
		server, api, endpoint = newHTTPShape(stack, p, all)
		servers = append(servers, server)
	}
	if s.Has(settings.ShapeStream) {
		server, url := newStream(stack, p, all)
		servers, endpoint = append(servers, server), cmp.Or(endpoint, url)
	}
	if s.Has(settings.ShapeContainer) {
		server, url := newContainer(stack, p, all)
		servers, endpoint = append(servers, server), cmp.Or(endpoint, url)
	}
	addKeyLimits(stack, s, servers)
	if s.Jobs {
		servers = append(servers, newJobs(stack, p, all, servers))
	}
	addWatch(stack, s)
	if p.Custom != nil {
		p.Custom(stack, servers)
	}

	output(stack, "McpEndpoint", &endpoint, "Endpoint for MCP clients, with the header x-api-key")
	output(stack, "ApiKeySecretArn", optional(all.defaultKeyARN()), "Secret with the deployment key or its hash")
	output(stack, "ApiKeyFingerprint", jsii.String(KeyOf(s).Fingerprint()), "First digits of the deployment key's SHA-256")
	output(stack, "IssuedKeysSecretArn", all.issuedKeys.Ref(), "Secret with the hashes of the issued keys")
	output(stack, "KeyFields", jsii.String(strings.Join(apikey.Fields(), ",")), "Fields of the key document that the deployed version understands")
	output(stack, "KeysPolicy", jsii.String(keysPolicy(stack, api, all.issuedKeys)), "The smallest IAM policy for mcpctl keys; it allows issuing keys for all tools")
	output(stack, "NextStep", jsii.String(nextStep(s, *stack.Region())),
		"First commands; add --profile as for the deployment, and set MCP_API_KEY if the key is not in .env")
	return stack
}

// nextStep returns the commands to run after the deployment: write the tools'
// secrets, which are empty until then, and list the tools.
func nextStep(s settings.Settings, region string) string {
	target := " --stack " + s.FullStackName() + " --region " + region
	if len(s.ToolSecrets) == 0 {
		return "go tool mcpctl tools" + target
	}
	return "go tool mcpctl secrets push" + target + " && go tool mcpctl tools" + target
}
