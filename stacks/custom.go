package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
)

// Custom is yours: declare here what your tools need, and allow the servers
// to use it: one for each of SHAPES. Upstream leaves this file alone, so its changes merge
// without a conflict.
//
// For example, a table that a tool reads, and whose name it gets by
// cfg.Setting("TOOL_TABLE"):
//
//	table := awsdynamodb.NewTableV2(stack, jsii.String("Users"), &awsdynamodb.TablePropsV2{
//		PartitionKey:  &awsdynamodb.Attribute{Name: jsii.String("id"), Type: awsdynamodb.AttributeType_STRING},
//		RemovalPolicy: awscdk.RemovalPolicy_RETAIN, // the data outlives the stack
//	})
//	for _, server := range servers {
//		table.GrantReadData(server.Role)
//		server.Set("TOOL_TABLE", table.TableName())
//	}
func Custom(stack awscdk.Stack, servers []Server) {
	_, _ = stack, servers
}
