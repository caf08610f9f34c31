package stacks

import (
	"encoding/json"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
)

// keysPolicy returns the smallest IAM policy for mcpctl keys, as JSON. It is an output
// and not a resource: the stack does not know to whom to grant it, and few users may
// deploy policies. api is nil if there is no HTTP API.
func keysPolicy(stack awscdk.Stack, api awsapigatewayv2.HttpApi, issuedKeys awssecretsmanager.CfnSecret) string {
	arn := "arn:" + *stack.Partition() + ":"
	type statement struct {
		Effect   string
		Action   []string
		Resource string
	}
	statements := []statement{
		{"Allow", []string{
			"secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds",
			"secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage",
		}, *issuedKeys.Ref()},
		{"Allow", []string{"cloudformation:DescribeStacks"}, // without the stack's id, which changes when the stack is created again
			arn + "cloudformation:" + *stack.Region() + ":" + *stack.Account() + ":stack/" + *stack.StackName() + "/*"},
	}
	if api != nil {
		statements = slices.Insert(statements, 1, statement{"Allow", []string{"apigateway:DELETE"}, // flushes the authorizer cache
			arn + "apigateway:" + *stack.Region() + "::/apis/" + *api.ApiId() + "/stages/*/cache/authorizers"})
	}
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		panic(err) // strings only
	}
	return string(text)
}
