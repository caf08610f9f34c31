package stacks

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
)

// accessLogPrefix is the prefix of the access log group's name. Groups with other names
// are added by API Gateway to one resource policy of the account, which is limited to
// 5,120 characters.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
const accessLogPrefix = "/aws/vendedlogs/http-api/"

// accessLog is the stage's access log, one JSON object per line. It has the key's id, but
// no text that a caller chose: it has the routeKey instead of the path, and omits the user
// agent, the only header in $context.
type accessLog struct{ group awslogs.LogGroup }

// Destination implements awsapigatewayv2.IAccessLogSettings.
func (a *accessLog) Destination() awsapigatewayv2.IAccessLogDestination {
	return awsapigatewayv2.NewLogGroupLogDestination(a.group)
}

// Format implements awsapigatewayv2.IAccessLogSettings. Fields that the functions
// also log have the same names there; the local gateway has the same format
// (gateway.DefaultAccessLogFormat). The variables are documented at
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
func (a *accessLog) Format() awsapigateway.AccessLogFormat {
	fields := [][2]string{
		{"time", "requestTimeEpoch"},
		{"requestId", "requestId"},
		{"routeKey", "routeKey"},
		{"status", "status"},
		{"keyId", "authorizer.keyId"},
		{"sourceIp", "identity.sourceIp"},
		{"durationMs", "responseLatency"},
		{"bytesOut", "responseLength"},
		{"error", "error.message"},
		{"authorizerError", "authorizer.error"},
		{"integrationError", "integrationErrorMessage"},
		{"integrationMs", "integrationLatency"},
	}
	var line []string
	for _, f := range fields {
		line = append(line, `"`+f[0]+`":"$context.`+f[1]+`"`)
	}
	return awsapigateway.AccessLogFormat_Custom(jsii.String("{" + strings.Join(line, ",") + "}"))
}
