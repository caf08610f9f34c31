package stacks

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
)

// accessLog is the stage's log of requests, one JSON object a line. It has the
// key's id, never a header: $context offers none but the user agent.
type accessLog struct{ group awslogs.LogGroup }

// Destination implements awsapigatewayv2.IAccessLogSettings.
func (a *accessLog) Destination() awsapigatewayv2.IAccessLogDestination {
	return awsapigatewayv2.NewLogGroupLogDestination(a.group)
}

// Format implements awsapigatewayv2.IAccessLogSettings. The variables are those of
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
func (a *accessLog) Format() awsapigateway.AccessLogFormat {
	fields := [][2]string{
		{"time", "requestTimeEpoch"},
		{"requestId", "requestId"},
		{"routeKey", "routeKey"},
		{"path", "path"},
		{"status", "status"},
		{"keyId", "authorizer.keyId"},
		{"sourceIp", "identity.sourceIp"},
		{"userAgent", "identity.userAgent"},
		{"responseLatency", "responseLatency"},
		{"responseLength", "responseLength"},
		{"error", "error.message"},
		{"authorizerError", "authorizer.error"},
		{"integrationError", "integrationErrorMessage"},
		{"integrationLatency", "integrationLatency"},
	}
	var line []string
	for _, f := range fields {
		line = append(line, `"`+f[0]+`":"$context.`+f[1]+`"`)
	}
	return awsapigateway.AccessLogFormat_Custom(jsii.String("{" + strings.Join(line, ",") + "}"))
}
