package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
)

// Custom is yours: declare the resources that your tools need, and grant the servers
// access to them. There is a server for each of SHAPES and, with JOBS=true, one for the
// job function. The project does not change this file, so you can merge updates without
// a conflict.
//
// For example, the table that the tool lookup_user reads:
//
//	table := awsdynamodb.NewTableV2(stack, jsii.String("Users"), &awsdynamodb.TablePropsV2{
//		PartitionKey:  &awsdynamodb.Attribute{Name: jsii.String("user_id"), Type: awsdynamodb.AttributeType_STRING},
//		RemovalPolicy: awscdk.RemovalPolicy_RETAIN, // keep the data when the stack is deleted
//	})
//	for _, server := range servers {
//		table.GrantReadData(server.Role)
//		server.Set("TOOL_USERS_TABLE", table.TableName())
//	}
func Custom(stack awscdk.Stack, servers []Server) {
	_, _ = stack, servers
}
