package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"serverless-mcp/internal/settings"
)

// addKeyLimits declares the table that counts the tool calls of keys with limits, if
// KEY_LIMITS is true. Each server may read and update single items, and nothing else:
// it can neither list nor delete them. The authorizer does not use the table.
//
// The counts have no use after their day, so the table is deleted with the stack and has
// no backup. With on-demand capacity it costs nothing while it is idle.
func addKeyLimits(stack awscdk.Stack, s settings.Settings, servers []Server) {
	if !s.KeyLimits {
		return
	}
	table := awsdynamodb.NewTable(stack, jsii.String(settings.LimitsTableID), &awsdynamodb.TableProps{
		PartitionKey:        &awsdynamodb.Attribute{Name: jsii.String(settings.LimitsTableKey), Type: awsdynamodb.AttributeType_STRING},
		BillingMode:         awsdynamodb.BillingMode_PAY_PER_REQUEST,
		TimeToLiveAttribute: jsii.String(settings.LimitsTableTTL),
		RemovalPolicy:       awscdk.RemovalPolicy_DESTROY,
	})
	pin(table, settings.LimitsTableID)
	suppress(child(table), "AwsSolutions-DDB3", "It holds numbers of calls for two days. A backup would have no use.")
	for _, server := range servers {
		awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
			Grantee: server.Role, Actions: jsii.Strings("dynamodb:GetItem", "dynamodb:UpdateItem"), ResourceArns: &[]*string{table.TableArn()},
		})
		server.Set(settings.EnvLimitsTable, table.TableName())
	}
	output(stack, "KeyLimitsTable", table.TableName(), "Table that counts the calls of keys with limits")
}
