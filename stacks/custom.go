package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
)

// Custom is yours: declare here what your tools need, and allow the MCP
// function to use it. Upstream leaves this file alone, so its changes merge
// without a conflict.
//
// For example, a table that a tool reads, and whose name it gets by
// cfg.Setting("TOOL_TABLE"):
//
//	table := awsdynamodb.NewTableV2(stack, jsii.String("Users"), &awsdynamodb.TablePropsV2{
//		PartitionKey:  &awsdynamodb.Attribute{Name: jsii.String("id"), Type: awsdynamodb.AttributeType_STRING},
//		RemovalPolicy: awscdk.RemovalPolicy_RETAIN, // the data outlives the stack
//	})
//	table.GrantReadData(mcp)
//	mcp.AddEnvironment(jsii.String("TOOL_TABLE"), table.TableName(), nil)
func Custom(stack awscdk.Stack, mcp awslambda.Function) {
	_, _ = stack, mcp
}
