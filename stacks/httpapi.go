package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2authorizers"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"serverless-mcp/internal/settings"
)

// newHTTPShape declares the shape http-api: an HTTP API, the authorizer function,
// and the MCP function, whose role can read the tools' secrets but not the keys.
func newHTTPShape(stack awscdk.Stack, p Props, all secrets) (server Server, api awsapigatewayv2.HttpApi, endpoint string) {
	authorizer := newAuthorizer(stack, p, all)
	mcp := newMCP(stack, p, all)
	api, stage, target := newHTTPAPI(stack, p.Settings, authorizer.Function, mcp.Function)
	address := apiAddress(stack, p.Settings, api, stage)
	addPublicRoutes(stack, p, api, stage, target, address)
	if p.Settings.BearerRoute {
		output(stack, "BearerEndpoint", jsii.String(address+p.Settings.BearerEndpoint().Paths[0]), "Endpoint for MCP clients that send the key as a bearer token")
	}
	output(stack, "ApiId", api.ApiId(), "Id of the HTTP API")
	output(stack, "AuthorizerLogGroup", authorizer.LogGroup.LogGroupName(), "Log of the authorizer function")
	output(stack, "McpLogGroup", mcp.LogGroup.LogGroupName(), "Log of the MCP function")
	return mcp.server(settings.ShapeHTTPAPI), api, address + p.Settings.KeyEndpoint().Paths[0]
}

// newHTTPAPI declares the HTTP API. Its routes have an authorizer and lead to the MCP
// function through the returned integration; addPublicRoutes adds the routes without an
// authorizer.
func newHTTPAPI(stack awscdk.Stack, s settings.Settings, authorizer, mcp awslambda.Function) (awsapigatewayv2.HttpApi, awsapigatewayv2.HttpStage, awsapigatewayv2.HttpRouteIntegration) {
	props := &awsapigatewayv2.HttpApiProps{
		ApiName:            jsii.String(s.FullStackName()),
		Description:        jsii.String("MCP server " + s.ServerName),
		CorsPreflight:      cors(s),
		CreateDefaultStage: jsii.Bool(false), // it would have no throttle and no log
	}
	if s.Domain.DisableDefaultEndpoint {
		props.DisableExecuteApiEndpoint = jsii.Bool(true)
	}
	api := awsapigatewayv2.NewHttpApi(stack, jsii.String("Api"), props)
	pin(api, "Api") // a new API has a new URL

	target := awsapigatewayv2integrations.NewHttpLambdaIntegration(jsii.String("Mcp"), mcp,
		&awsapigatewayv2integrations.HttpLambdaIntegrationProps{
			ScopePermissionToRoute: jsii.Bool(false), // one permission instead of one per route
			// No timeout is set: settings.GatewayTimeout is the gateway's default, and
			// longer than the CDK accepts.
		})
	// The routes for GET and DELETE exist so that the function responds with 405:
	// clients reconnect after any other status.
	for _, e := range s.Endpoints() {
		check := newKeyAuthorizer(e, s, authorizer)
		for _, path := range e.Paths {
			api.AddRoutes(&awsapigatewayv2.AddRoutesOptions{
				Path:        jsii.String(path),
				Methods:     methods[awsapigatewayv2.HttpMethod](),
				Integration: target,
				Authorizer:  check,
			})
		}
	}

	stage := awsapigatewayv2.NewHttpStage(stack, jsii.String("Stage"), &awsapigatewayv2.HttpStageProps{
		HttpApi:    api,
		StageName:  jsii.String("$default"), // no stage name in the path
		AutoDeploy: jsii.Bool(true),
		// Shared by all callers: it limits the bill, not a single client.
		Throttle: &awsapigatewayv2.ThrottleSettings{
			RateLimit:  jsii.Number(s.ThrottleRate),
			BurstLimit: jsii.Number(s.ThrottleBurst),
		},
		AccessLogSettings: &accessLog{newLogGroup(stack, "AccessLog", accessLogPrefix+s.FullStackName(), s)},
	})
	pin(stage, "Stage")
	return api, stage, target
}

// newKeyAuthorizer declares the authorizer of an endpoint. Its identity source, a header,
// is the key of the gateway's cache. If the header is missing, the gateway responds with
// 401 and does not call the function.
func newKeyAuthorizer(e settings.Endpoint, s settings.Settings, f awslambda.Function) awsapigatewayv2.IHttpRouteAuthorizer {
	return awsapigatewayv2authorizers.NewHttpLambdaAuthorizer(jsii.String(e.Authorizer), f,
		&awsapigatewayv2authorizers.HttpLambdaAuthorizerProps{
			IdentitySource:  jsii.Strings(e.IdentitySource),
			ResponseTypes:   &[]awsapigatewayv2authorizers.HttpLambdaResponseType{awsapigatewayv2authorizers.HttpLambdaResponseType_SIMPLE},
			ResultsCacheTtl: awscdk.Duration_Seconds(jsii.Number(s.AuthorizerCacheSeconds)),
		})
}

// cors returns the CORS configuration for ALLOWED_ORIGINS, or nil if it is unset. The
// gateway responds to preflight requests itself, before the authorizer.
func cors(s settings.Settings) *awsapigatewayv2.CorsPreflightOptions {
	if len(s.AllowedOrigins) == 0 {
		return nil
	}
	return &awsapigatewayv2.CorsPreflightOptions{
		AllowOrigins: jsii.Strings(s.AllowedOrigins...),
		AllowMethods: methods[awsapigatewayv2.CorsHttpMethod](),
		AllowHeaders: jsii.Strings(s.CORSHeaders()...),
		MaxAge:       seconds(settings.CORSMaxAge),
	}
}

// methods returns the routes' methods as values of T, one of the CDK's enumerations whose
// values are the names of methods.
func methods[T ~string]() *[]T {
	var all []T
	for _, m := range settings.Methods() {
		all = append(all, T(m))
	}
	return &all
}
