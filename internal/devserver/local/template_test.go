package local_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/emulator/awsfake"
)

// small is a template with one of everything, in the forms that the CDK writes.
const small = `{"Resources": {
	"Hidden": {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": {"PasswordLength": 48}}},
	"Plain": {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": "v"}},
	"Check": {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "provided.al2023", "Timeout": 5, "MemorySize": 256}},
	"Work": {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "provided.al2023", "ReservedConcurrentExecutions": 7,
		"Environment": {"Variables": {"SECRET": {"Ref": "Plain"}, "REGION": {"Ref": "AWS::Region"}, "TABLE": {"Fn::GetAtt": ["T", "Name"]},
			"JOINED": {"Fn::Join": ["/", ["a", {"Ref": "AWS::AccountId"}]]}}}}},
	"T": {"Type": "AWS::DynamoDB::Table", "Properties": {"BillingMode": "PAY_PER_REQUEST",
		"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
		"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "at", "AttributeType": "N"}, {"AttributeName": "by", "AttributeType": "B"}],
		"GlobalSecondaryIndexes": [{"IndexName": "byWhom", "KeySchema": [{"AttributeName": "by", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}],
		"TimeToLiveSpecification": {"AttributeName": "ends", "Enabled": true}}},
	"Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "HTTP",
		"CorsConfiguration": {"AllowOrigins": ["https://a.example"], "AllowMethods": ["POST"], "AllowHeaders": ["x-api-key"], "MaxAge": 60}}},
	"Stage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {"StageName": "$default",
		"DefaultRouteSettings": {"ThrottlingRateLimit": 3, "ThrottlingBurstLimit": 4},
		"RouteSettings": {"GET /open": {"ThrottlingRateLimit": 1, "ThrottlingBurstLimit": 2}}}},
	"Auth": {"Type": "AWS::ApiGatewayV2::Authorizer", "Properties": {"Name": "KeyCheck", "AuthorizerType": "REQUEST", "AuthorizerPayloadFormatVersion": "2.0",
		"EnableSimpleResponses": true, "AuthorizerResultTtlInSeconds": 30, "IdentitySource": ["$request.header.x-api-key"],
		"AuthorizerUri": {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":apigateway:", {"Ref": "AWS::Region"},
			":lambda:path/2015-03-31/functions/", {"Fn::GetAtt": ["Check", "Arn"]}, "/invocations"]]}}},
	"Int": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": {"IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0",
		"TimeoutInMillis": 9000, "IntegrationUri": {"Fn::GetAtt": ["Work", "Arn"]}}},
	"Open": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"RouteKey": "GET /open", "AuthorizationType": "NONE",
		"Target": {"Fn::Join": ["", ["integrations/", {"Ref": "Int"}]]}}},
	"Url": {"Type": "AWS::Lambda::Url", "Properties": {"AuthType": "NONE", "InvokeMode": "RESPONSE_STREAM", "TargetFunctionArn": {"Fn::GetAtt": ["Work", "Arn"]},
		"Cors": {"AllowOrigins": ["https://b.example"], "AllowMethods": ["POST"], "AllowHeaders": ["x-api-key"], "MaxAge": 70}}},
	"ByUrl": {"Type": "AWS::Lambda::Permission", "Properties": {"Action": "lambda:InvokeFunctionUrl", "Principal": "*", "FunctionName": {"Fn::GetAtt": ["Work", "Arn"]}}},
	"OfUrl": {"Type": "AWS::Lambda::Permission", "Properties": {"Action": "lambda:InvokeFunction", "Principal": "*", "FunctionName": {"Ref": "Work"}}},
	"Closed": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"RouteKey": "POST /closed", "AuthorizationType": "CUSTOM",
		"AuthorizerId": {"Ref": "Auth"}, "Target": {"Fn::Join": ["", ["integrations/", {"Ref": "Int"}]]}}}
}}`

func TestFromTemplate(t *testing.T) {
	got, err := local.FromTemplate([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	want := local.Topology{
		Functions: map[string]local.Function{
			"Check": {Package: "check", Env: map[string]string{}, MemoryMB: 256, Timeout: 5 * time.Second},
			"Work": {Package: "work", MemoryMB: 128, Timeout: 3 * time.Second, Concurrency: 7, Env: map[string]string{
				"SECRET": "Plain", "REGION": "us-east-1", "TABLE": "T.Name", "JOINED": "a/123456789012",
			}},
		},
		Secrets: map[string]local.Secret{"Hidden": {Generated: true}, "Plain": {Value: "v"}},
		Tables: map[string]awsfake.Table{"T": {
			Name: "T", Key: awsfake.Key{Partition: awsfake.KeyAttribute{Name: "id", Type: "S"}, Sort: awsfake.KeyAttribute{Name: "at", Type: "N"}},
			Index: awsfake.Index{Name: "byWhom", Key: awsfake.Key{Partition: awsfake.KeyAttribute{Name: "by", Type: "B"}}}, TTL: "ends",
		}},
		Routes: []local.Route{
			{Method: "POST", Path: "/closed", Function: "Work", Authorizer: "KeyCheck"},
			{Method: "GET", Path: "/open", Function: "Work", Throttle: local.Throttle{Rate: 1, Burst: 2}},
		},
		Authorizers: map[string]local.Authorizer{
			"KeyCheck": {Function: "Check", IdentitySource: []string{"$request.header.x-api-key"}, TTL: 30 * time.Second},
		},
		CORS:     local.CORS{AllowOrigins: []string{"https://a.example"}, AllowMethods: []string{"POST"}, AllowHeaders: []string{"x-api-key"}, MaxAge: time.Minute},
		Throttle: local.Throttle{Rate: 3, Burst: 4},
		Timeout:  9 * time.Second,
		URL: local.FunctionURL{Function: "Work", CORS: local.CORS{
			AllowOrigins: []string{"https://b.example"}, AllowMethods: []string{"POST"}, AllowHeaders: []string{"x-api-key"}, MaxAge: 70 * time.Second,
		}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// contained is a template with tasks, in the forms that the CDK writes.
const contained = `{"Resources": {
	"Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": [{"Name": "mcpd", "Environment": [
		{"Name": "AWS_REGION", "Value": {"Ref": "AWS::Region"}}, {"Name": "SECRET", "Value": {"Ref": "Plain"}}, {"Name": "LOG_LEVEL", "Value": "info"}]}]}},
	"Targets": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {"TargetGroupAttributes": [
		{"Key": "deregistration_delay.timeout_seconds", "Value": "120"}, {"Key": "stickiness.enabled", "Value": "true"}]}},
	"Scaling": {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": {"MinCapacity": 2, "MaxCapacity": 9}}
}}`

func TestContainerFromTemplate(t *testing.T) {
	got, err := local.FromTemplate([]byte(contained))
	if err != nil {
		t.Fatal(err)
	}
	want := local.Container{
		Program: "cmd/mcpd", Tasks: 2, Sticky: true,
		Env: map[string]string{"AWS_REGION": "us-east-1", "SECRET": "Plain", "LOG_LEVEL": "info"},
	}
	if d := cmp.Diff(want, got.Container); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	plain := strings.ReplaceAll(contained, `"stickiness.enabled", "Value": "true"`, `"stickiness.enabled", "Value": "false"`)
	if got, err := local.FromTemplate([]byte(plain)); err != nil || got.Container.Sticky {
		t.Errorf("without stickiness: %+v, %v", got.Container, err)
	}
	if _, err := local.FromTemplate([]byte(strings.ReplaceAll(contained, `"mcpd"`, `"nginx"`))); err == nil || !strings.Contains(err.Error(), "want mcpd") {
		t.Errorf("another container: %v", err)
	}
}

// FromTemplate rejects what the emulator would handle differently from AWS.
func TestFromTemplateRefuses(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{`"provided.al2023"`, `"nodejs24.x"`, `runtime is "nodejs24.x"`},
		{`"ProtocolType": "HTTP"`, `"ProtocolType": "WEBSOCKET"`, `Api: its protocol is "WEBSOCKET"`},
		{`"$default"`, `"prod"`, `Stage: its name is "prod"`},
		{`"AuthorizerPayloadFormatVersion": "2.0"`, `"AuthorizerPayloadFormatVersion": "1.0"`, "payload format 2.0"},
		{`"EnableSimpleResponses": true`, `"EnableSimpleResponses": false`, "simple responses"},
		{`"AWS_PROXY"`, `"HTTP_PROXY"`, "AWS_PROXY"},
		{`"RouteKey": "GET /open"`, `"RouteKey": "$default"`, `"$default"`},
		{`"GET /open": {`, `"GET /closed": {`, `settings for the unknown route "GET /closed"`},
		{`"NONE", "InvokeMode"`, `"AWS_IAM", "InvokeMode"`, `its AuthType is "AWS_IAM"`},
		{`"RESPONSE_STREAM"`, `"BUFFERED"`, `its InvokeMode "BUFFERED"`},
		{`"lambda:InvokeFunctionUrl"`, `"lambda:GetFunction"`, "the permission lambda:InvokeFunctionUrl for everyone"},
		{`"lambda:InvokeFunction"`, `"lambda:GetFunction"`, "the permission lambda:InvokeFunction for everyone"},
		{small, `{"Resources": {}}`, "no resources"},
		{small, `{`, "read template"},
	} {
		_, err := local.FromTemplate([]byte(strings.ReplaceAll(small, c.from, c.to)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("with %.40s: %v, want an error with %q", c.to, err, c.want)
		}
	}
}

// A route whose authorizer is turned off is open.
func TestRouteWithoutAuthorization(t *testing.T) {
	top, err := local.FromTemplate([]byte(strings.ReplaceAll(small, `"CUSTOM"`, `"NONE"`)))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range top.Routes {
		if r.Authorizer != "" {
			t.Errorf("%s %s counts as behind an authorizer", r.Method, r.Path)
		}
	}
}
