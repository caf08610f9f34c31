package main

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/rogpeppe/go-internal/testscript"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/jobs"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcpjob"
	"serverless-mcp/internal/settings"
)

// containerService is the service of the deployed stack's container.
const containerService = "arn:aws:ecs:eu-central-1:123456789012:service/cluster-1/container-1"

// requestLog returns the logs of the deployed stack's servers: what two keys did in the
// last hour, one of them with a hostile client.
func requestLog(o awsfake.Options) *awsfake.Logs {
	logs := awsfake.NewLogs(awsfake.LogsOptions{Options: o, Running: func(string) int { return 0 }}, "mcp-log", "container-log")
	for i, line := range []string{
		`"message":"mcp request","requestId":"r-1","method":"tools/call","outcome":"ok","tool":"calculate","keyId":"alice","client":"Cursor","clientVersion":"1.2","durationMs":10,"bytesIn":100,"bytesOut":900`,
		`"message":"mcp request","requestId":"r-2","method":"tools/call","outcome":"tool error","tool":"get_weather","keyId":"alice","client":"Cursor","clientVersion":"1.2","durationMs":250.5,"bytesIn":100,"bytesOut":400`,
		`"message":"mcp request","requestId":"r-3","method":"initialize","outcome":"ok","keyId":"bob","client":"=cmd|\u001b[2J\u202e","clientVersion":"1","durationMs":2,"bytesIn":100,"bytesOut":400`,
		`"level":"WARN","message":"mcp request","status":403,"outcome":"rejected","reason":"origin not allowed","count":7`,
		`"level":"ERROR","message":"internal error","in":"tool get_weather","error":"dial: \u001b[31mrefused"`,
	} {
		at := time.Now().Add(-50 * time.Minute).Add(time.Duration(i) * time.Minute)
		logs.Add([]string{"mcp-log", "container-log"}[i%2], awsfake.LogEvent{At: at, Message: `{"timestamp":"` + at.UTC().Format(time.RFC3339) + `",` + line + "}"})
	}
	return logs
}

// fakeAWS starts an account in eu-central-1 with the deployed stack
// McpServerStack-dev, which has one tool secret, and with stacks in other states.
// The command "secretvalue NAME FILE" copies the value of a secret to a file.
func fakeAWS(ts *testscript.TestScript, _ bool, _ []string) {
	o := awsfake.Options{Region: "eu-central-1", Fail: newFaults(ts).fault}
	secrets := awsfake.NewSecretsManager(o)
	cloudformation := httptest.NewServer(awsfake.NewCloudFormation(o, awsfake.Stack{Name: "McpServerStack-dev", Outputs: map[string]string{
		"McpEndpoint":         "https://abc.execute-api.eu-central-1.amazonaws.com/mcp",
		"BearerEndpoint":      "https://abc.execute-api.eu-central-1.amazonaws.com/bearer/mcp",
		"McpStreamEndpoint":   "https://stream.lambda-url.eu-central-1.on.aws/mcp",
		"ApiId":               "api1",
		"DashboardUrl":        "https://eu-central-1.console.aws.amazon.com/cloudwatch/home#dashboards:name=McpServerStack-dev",
		"McpContainerService": containerService,
		"McpLogGroup":         "mcp-log", "McpContainerLogGroup": "container-log",
		"JobsTable":          "jobs",
		"ToolSecretTokenArn": secrets.Create("token", ""), "IssuedKeysSecretArn": secrets.Create("issued", ""),
	}, Functions: map[string]string{"Mcp": "mcp-1", "Authorizer": "authorizer-1"}, Protected: true}, awsfake.Stack{Name: "Other"}, awsfake.Stack{Name: "Failed", Status: "ROLLBACK_COMPLETE", Protected: true},
		awsfake.Stack{Name: "CDKToolkit", Outputs: map[string]string{"BootstrapVersion": "30"}},
		awsfake.Stack{Name: "Generated", Outputs: map[string]string{"McpEndpoint": "https://generated.example/mcp", "ApiKeyFingerprint": "generated"}}))
	secretsManager := httptest.NewServer(secrets)
	tables := httptest.NewServer(jobsTable(ts, o))
	ts.Defer(tables.Close)
	registry := httptest.NewServer(awsfake.NewRegistry("cdk-hnb659fds-container-assets-123456789012-eu-central-1", "mcp"))
	ecr := httptest.NewServer(awsfake.NewECR(o, registry.URL))
	sts := httptest.NewServer(awsfake.NewSTS(o))
	lambda := httptest.NewServer(awsfake.NewLambda(awsfake.LambdaOptions{Options: o, Concurrency: 10},
		awsfake.LambdaFunction{Config: awsfake.LambdaConfig{FunctionName: "mcp-1", Timeout: 60, LoggingConfig: json.RawMessage(`{"LogGroup":"mcp-log"}`)}},
		awsfake.LambdaFunction{Config: awsfake.LambdaConfig{FunctionName: "authorizer-1", Timeout: 5}}))
	log := httptest.NewServer(requestLog(o))
	ts.Defer(log.Close)
	tasks := httptest.NewServer(awsfake.NewECS(o, &awsfake.ECSService{ARN: containerService, Desired: 2}))
	ts.Defer(tasks.Close)
	const arn = "arn:aws:lambda:eu-central-1:123456789012:function:"
	gateway := httptest.NewServer(awsfake.NewAPIGateway(o, awsfake.HTTPAPI{ID: "api1", Integrations: []awsfake.HTTPIntegration{
		{URI: arn + "page-1", Timeout: 30 * time.Second}, {URI: arn + "mcp-1", Timeout: 30 * time.Second},
	}}))
	metrics := httptest.NewServer(awsfake.NewCloudWatch(o,
		awsfake.Datum{Function: "mcp-1", Metric: "Errors", At: time.Now().Add(-50 * time.Minute), Value: 2},
		awsfake.Datum{Function: "mcp-1", Metric: "Errors", At: time.Now().Add(-10 * time.Minute), Value: 1},
		awsfake.Datum{Function: "mcp-1", Metric: "Errors", At: time.Now().Add(-2 * time.Hour), Value: 40},
		awsfake.Datum{Function: "mcp-1", Metric: "Invocations", At: time.Now().Add(-10 * time.Minute), Value: 500},
		awsfake.Datum{Function: "authorizer-1", Metric: "Errors", At: time.Now().Add(-10 * time.Minute), Value: 0}))
	ec2 := httptest.NewServer(awsfake.NewEC2(o, []string{"vpc-1", "vpc-2", "vpc-3", "vpc-4", "vpc-5"}, []string{"192.0.2.1"}))
	iam := httptest.NewServer(awsfake.NewIAM(o, "other"))
	quotas := httptest.NewServer(awsfake.NewServiceQuotas(o, map[string]float64{"L-F678F1CE": 5}))
	acm := httptest.NewServer(awsfake.NewACM(o, map[string]awsfake.Certificate{
		"arn:aws:acm:eu-central-1:123456789012:certificate/0a": {Status: "ISSUED", Names: []string{"mcp.invalid"}},
		"arn:aws:acm:eu-central-1:123456789012:certificate/0b": {Status: "PENDING_VALIDATION", Names: []string{"mcp.invalid"}},
	}))
	route53 := httptest.NewServer(awsfake.NewRoute53(o, map[string]string{"Z1": "mcp.invalid", "Z2": "example.com"}))
	for _, s := range []*httptest.Server{quotas, acm, route53, ec2, iam, registry, ecr, sts, lambda, gateway, metrics} {
		ts.Defer(s.Close)
	}
	ts.Defer(cloudformation.Close)
	ts.Defer(secretsManager.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_CLOUDFORMATION": cloudformation.URL, "AWS_ENDPOINT_URL_SECRETS_MANAGER": secretsManager.URL,
		"AWS_ENDPOINT_URL_LAMBDA": lambda.URL, "AWS_ENDPOINT_URL_ECR": ecr.URL, "AWS_ENDPOINT_URL_STS": sts.URL,
		"AWS_ENDPOINT_URL_APIGATEWAYV2": gateway.URL, "AWS_ENDPOINT_URL_CLOUDWATCH": metrics.URL,
		"AWS_ENDPOINT_URL_DYNAMODB": tables.URL,
		"AWS_ENDPOINT_URL_ECS":      tasks.URL, "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": log.URL, "AWS_ENDPOINT_URL_EC2": ec2.URL, "AWS_ENDPOINT_URL_IAM": iam.URL,
		"AWS_ENDPOINT_URL_SERVICE_QUOTAS": quotas.URL, "AWS_ENDPOINT_URL_ACM": acm.URL, "AWS_ENDPOINT_URL_ROUTE_53": route53.URL,
		"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": ts.MkAbs("aws-config"), "AWS_SHARED_CREDENTIALS_FILE": ts.MkAbs("aws-credentials"),
	} {
		ts.Setenv(name, value)
	}
	ts.SetCmd("secretvalue", func(ts *testscript.TestScript, _ bool, args []string) {
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(secrets.Value(args[0])+"\n"), 0o600))
	})
}

// jobsTable returns DynamoDB with a table of two jobs that wait for their worker. JOB_ID
// and SECOND_JOB_ID are their ids.
func jobsTable(ts *testscript.TestScript, o awsfake.Options) *awsfake.DynamoDB {
	db := awsfake.NewDynamoDB(awsfake.Options{Region: o.Region})
	db.Create(awsfake.Table{Name: "jobs", Key: awsfake.Key{Partition: awsfake.KeyAttribute{Name: settings.JobsTableKey}}})
	server := httptest.NewServer(db)
	defer server.Close()
	client := dynamodb.New(dynamodb.Options{Region: o.Region, BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")})
	service := jobs.New(jobs.Options{Table: client, Name: "jobs", Invoke: func(context.Context, string) error { return nil }})
	for _, variable := range []string{"JOB_ID", "SECOND_JOB_ID"} {
		job, err := service.Start(context.Background(), mcpjob.Call{Tool: "report", Arguments: json.RawMessage(`{"secret":"argument"}`), Principal: apikey.Principal{KeyID: "ci"}})
		ts.Check(err)
		ts.Setenv(variable, job.ID)
	}
	return db
}
