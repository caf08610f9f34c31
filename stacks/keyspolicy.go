package stacks

import (
	"encoding/json"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
)

// keysPolicy is what somebody needs to look after the keys and nothing else, as
// an IAM policy to attach. It is an output and no resource: who gets it is not
// the stack's business, and few people may deploy policies. api is nil where
// there is none.
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
		{"Allow", []string{"cloudformation:DescribeStacks"}, // without the id: it changes when the stack is made anew
			arn + "cloudformation:" + *stack.Region() + ":" + *stack.Account() + ":stack/" + *stack.StackName() + "/*"},
	}
	if api != nil {
		statements = slices.Insert(statements, 1, statement{"Allow", []string{"apigateway:DELETE"}, // of the kept verdicts
			arn + "apigateway:" + *stack.Region() + "::/apis/" + *api.ApiId() + "/stages/*/cache/authorizers"})
	}
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		panic(err) // strings only
	}
	return string(text)
}
