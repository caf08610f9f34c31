package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/jsii-runtime-go"

	"serverless-mcp/internal/settings"
)

// addPublicRoutes declares the page for people: the only way in without a key.
// Its function is one of its own, whose role lets it do nothing but log, so
// that whatever is found in it leads no further. Why a route may be open, and
// how much it may be called, stands in settings.PublicRoutes.
func addPublicRoutes(stack awscdk.Stack, p Props, api awsapigatewayv2.HttpApi, stage awsapigatewayv2.HttpStage) {
	routes := p.Settings.PublicRoutes()
	if len(routes) == 0 {
		return
	}
	page := newFunction(stack, p, functionOptions{
		id:          "Page",
		zip:         "page.zip",
		description: "The page that tells people how to connect to " + p.Settings.ServerName,
		memoryMB:    settings.PageMemoryMB,
		timeout:     settings.PageTimeout,
		env:         p.Settings.PageEnv(),
	})
	target := awsapigatewayv2integrations.NewHttpLambdaIntegration(jsii.String("Page"), page.Function,
		&awsapigatewayv2integrations.HttpLambdaIntegrationProps{ScopePermissionToRoute: jsii.Bool(false)})
	throttles := map[string]any{}
	for _, r := range routes {
		added := api.AddRoutes(&awsapigatewayv2.AddRoutesOptions{
			Path:        jsii.String(r.Path),
			Methods:     &[]awsapigatewayv2.HttpMethod{awsapigatewayv2.HttpMethod(r.Method)},
			Integration: target,
			Authorizer:  awsapigatewayv2.NewHttpNoneAuthorizer(),
		})
		for _, route := range *added {
			stage.Node().AddDependency(route) // a stage with settings for a route that is not there yet cannot be made
			suppress(child(route), "AwsSolutions-APIG4", r.Reason)
		}
		throttles[r.Method+" "+r.Path] = map[string]any{"ThrottlingRateLimit": r.Rate, "ThrottlingBurstLimit": r.Burst}
	}
	// The construct has throttles for the stage only.
	stage.Node().DefaultChild().(awsapigatewayv2.CfnStage).SetRouteSettings(throttles)
	output(stack, "PageUrl", jsii.String(*api.ApiEndpoint()+"/"), "The page for people; it needs no key")
	output(stack, "PageLogGroup", page.LogGroup.LogGroupName(), "Log of the page")
}
