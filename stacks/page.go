package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/jsii-runtime-go"

	"serverless-mcp/internal/settings"
)

// addPublicRoutes declares the routes without an authorizer: the page and sign-in.
// settings.PublicRoutes lists them with their reasons and throttles. mcp is the
// integration with the MCP function, and address the API's URL without a path.
func addPublicRoutes(stack awscdk.Stack, p Props, api awsapigatewayv2.HttpApi, stage awsapigatewayv2.HttpStage, mcp awsapigatewayv2.HttpRouteIntegration, address string) {
	targets := map[string]awsapigatewayv2.HttpRouteIntegration{settings.PublicMCP: mcp}
	if p.Settings.PublicPage {
		targets[settings.PublicPage] = newPage(stack, p)
		output(stack, "PageUrl", jsii.String(address+"/"), "Page with connection instructions; it needs no key")
	}
	if p.Settings.Signin.On() {
		output(stack, "SigninEndpoint", jsii.String(address+settings.SigninPath), "Endpoint for MCP clients that sign in")
	}
	throttles := map[string]any{}
	for _, r := range p.Settings.PublicRoutes() {
		added := api.AddRoutes(&awsapigatewayv2.AddRoutesOptions{
			Path:        jsii.String(r.Path),
			Methods:     &[]awsapigatewayv2.HttpMethod{awsapigatewayv2.HttpMethod(r.Method)},
			Integration: targets[r.Function],
			Authorizer:  awsapigatewayv2.NewHttpNoneAuthorizer(),
		})
		for _, route := range *added {
			stage.Node().AddDependency(route) // AWS rejects a stage with settings for a route that does not exist yet
			suppress(child(route), "AwsSolutions-APIG4", r.Reason)
		}
		throttles[r.Method+" "+r.Path] = map[string]any{"ThrottlingRateLimit": r.Rate, "ThrottlingBurstLimit": r.Burst}
	}
	if len(throttles) > 0 {
		// The construct only supports a throttle for the whole stage.
		stage.Node().DefaultChild().(awsapigatewayv2.CfnStage).SetRouteSettings(throttles)
	}
}

// newPage declares the page's function. Its role can only write a log, so that a fault in
// the function gives access to nothing else. TRACING does not apply to it, because that
// would add a permission, and a cost for each call, which anyone may make.
func newPage(stack awscdk.Stack, p Props) awsapigatewayv2.HttpRouteIntegration {
	page := newFunction(stack, p, functionOptions{
		id:          "Page",
		zip:         "page.zip",
		description: "Web page with instructions for connecting to " + p.Settings.ServerName,
		memoryMB:    settings.PageMemoryMB,
		timeout:     settings.PageTimeout,
		env:         p.Settings.PageEnv(),
		untraced:    true,
	})
	output(stack, "PageLogGroup", page.LogGroup.LogGroupName(), "Log of the page")
	return awsapigatewayv2integrations.NewHttpLambdaIntegration(jsii.String("Page"), page.Function,
		&awsapigatewayv2integrations.HttpLambdaIntegrationProps{ScopePermissionToRoute: jsii.Bool(false)})
}
