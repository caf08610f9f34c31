package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2authorizers"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"

	"serverless-mcp/internal/settings"
)

// newHTTPShape declares the shape http-api: who decides about a key, the function
// behind it, whose role can read the tools' secrets and not the keys, and the
// way from one to the other.
func newHTTPShape(stack awscdk.Stack, p Props, defaultKey, issuedKeys awssecretsmanager.CfnSecret, toolSecrets map[string]string) (function, awsapigatewayv2.HttpApi) {
	authorizer := newAuthorizer(stack, p, defaultKey, issuedKeys)
	mcp := newMCP(stack, p, toolSecrets)
	api, stage, target := newHTTPAPI(stack, p.Settings, authorizer.Function, mcp.Function)
	addPublicRoutes(stack, p, api, stage, target)
	if p.Settings.BearerRoute {
		output(stack, "BearerEndpoint", jsii.String(*api.ApiEndpoint()+p.Settings.BearerEndpoint().Paths[0]), "The same with the key as a bearer token")
	}
	output(stack, "ApiId", api.ApiId(), "The HTTP API")
	output(stack, "AuthorizerLogGroup", authorizer.LogGroup.LogGroupName(), "Log of the authorizer")
	output(stack, "McpLogGroup", mcp.LogGroup.LogGroupName(), "Log of the MCP function")
	return mcp, api
}

// newHTTPAPI declares the endpoint: every route goes through the authorizer to
// the MCP function. What is open, addPublicRoutes adds.
func newHTTPAPI(stack awscdk.Stack, s settings.Settings, authorizer, mcp awslambda.Function) (awsapigatewayv2.HttpApi, awsapigatewayv2.HttpStage, awsapigatewayv2.HttpRouteIntegration) {
	api := awsapigatewayv2.NewHttpApi(stack, jsii.String("Api"), &awsapigatewayv2.HttpApiProps{
		ApiName:            jsii.String(s.FullStackName()),
		Description:        jsii.String("MCP server " + s.ServerName),
		CorsPreflight:      cors(s),
		CreateDefaultStage: jsii.Bool(false), // that one has no throttle and no log
	})
	pin(api, "Api") // a new API is a new URL

	target := awsapigatewayv2integrations.NewHttpLambdaIntegration(jsii.String("Mcp"), mcp,
		&awsapigatewayv2integrations.HttpLambdaIntegrationProps{
			ScopePermissionToRoute: jsii.Bool(false), // one permission instead of one a route
			// No timeout: settings.GatewayTimeout is the gateway's own, and more
			// than the CDK lets one write.
		})
	// GET and DELETE are there to be answered with 405: clients take anything
	// else for a reason to reconnect.
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
		// Shared by all callers: it bounds the bill, not a single client.
		Throttle: &awsapigatewayv2.ThrottleSettings{
			RateLimit:  jsii.Number(s.ThrottleRate),
			BurstLimit: jsii.Number(s.ThrottleBurst),
		},
		AccessLogSettings: &accessLog{newLogGroup(stack, "AccessLog", s)},
	})
	return api, stage, target
}

// newKeyAuthorizer declares the check of an entrance. The identity source is the
// key of the gateway's cache, and a request without it gets 401 without the
// function being asked.
func newKeyAuthorizer(e settings.Endpoint, s settings.Settings, f awslambda.Function) awsapigatewayv2.IHttpRouteAuthorizer {
	return awsapigatewayv2authorizers.NewHttpLambdaAuthorizer(jsii.String(e.Authorizer), f,
		&awsapigatewayv2authorizers.HttpLambdaAuthorizerProps{
			IdentitySource:  jsii.Strings(e.IdentitySource),
			ResponseTypes:   &[]awsapigatewayv2authorizers.HttpLambdaResponseType{awsapigatewayv2authorizers.HttpLambdaResponseType_SIMPLE},
			ResultsCacheTtl: awscdk.Duration_Seconds(jsii.Number(s.AuthorizerCacheSeconds)),
		})
}

// cors lets the configured browser origins in; without any it stays off. The
// gateway answers preflights itself, before the authorizer.
func cors(s settings.Settings) *awsapigatewayv2.CorsPreflightOptions {
	if len(s.AllowedOrigins) == 0 {
		return nil
	}
	return &awsapigatewayv2.CorsPreflightOptions{
		AllowOrigins: jsii.Strings(s.AllowedOrigins...),
		AllowMethods: methods[awsapigatewayv2.CorsHttpMethod](),
		AllowHeaders: jsii.Strings(s.CORSHeaders()...),
		MaxAge:       awscdk.Duration_Seconds(jsii.Number(settings.CORSMaxAge.Seconds())),
	}
}

// methods are the routes' methods as the CDK's enumerations, whose values are
// their names.
func methods[T ~string]() *[]T {
	var all []T
	for _, m := range settings.Methods() {
		all = append(all, T(m))
	}
	return &all
}
