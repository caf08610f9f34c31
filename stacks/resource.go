package stacks

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"serverless-mcp/internal/settings"
)

// output declares an output of the stack, for mcpctl and for people, unless value is nil.
func output(stack awscdk.Stack, id string, value *string, description string) {
	if value == nil {
		return
	}
	awscdk.NewCfnOutput(stack, jsii.String(id), &awscdk.CfnOutputProps{Value: value, Description: jsii.String(description)})
}

// pin fixes the logical id of a construct's resource. CloudFormation identifies a
// resource only by its logical id: with another one it would create a new resource
// and delete the old one, with its URL, keys or logs.
func pin(c constructs.IConstruct, id string) { child(c).OverrideLogicalId(jsii.String(id)) }

// child returns the CloudFormation resource of a construct that has one.
func child(c constructs.IConstruct) awscdk.CfnResource {
	return c.Node().DefaultChild().(awscdk.CfnResource)
}

// seconds converts a duration to the CDK's type.
func seconds(d time.Duration) awscdk.Duration {
	return awscdk.Duration_Seconds(jsii.Number(d.Seconds()))
}

// pointers converts strings to the CDK's type.
func pointers(m map[string]string) *map[string]*string {
	out := map[string]*string{}
	for k, v := range m {
		out[k] = jsii.String(v)
	}
	return &out
}

// optional returns nil for "", because to the CDK nil means an unset property.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return jsii.String(text)
}

// allow adds a statement to a role's own policy.
func allow(role awsiam.Role, resources []string, actions ...string) {
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   jsii.Strings(actions...),
		Resources: jsii.Strings(resources...),
	}))
}

// newLogGroup declares a log group that is deleted with the stack. A group that Lambda
// creates would be kept forever, at a cost. CloudFormation generates the name if name is
// "".
func newLogGroup(stack awscdk.Stack, id, name string, s settings.Settings) awslogs.LogGroup {
	g := awslogs.NewLogGroup(stack, jsii.String(id), &awslogs.LogGroupProps{
		LogGroupName: optional(name), RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	// The construct's property is an enumeration; the setting is a number.
	g.Node().DefaultChild().(awslogs.CfnLogGroup).SetRetentionInDays(jsii.Number(s.LogRetentionDays))
	pin(g, id)
	return g
}

// suppress suppresses a finding of cdk-nag, with the reason, through the resource metadata
// that cdk-nag documents.
func suppress(resource awscdk.CfnResource, rule, reason string) {
	suppressAll(resource, [][2]string{{rule, reason}})
}

// suppressAll suppresses several findings of a resource: rules and their reasons.
func suppressAll(resource awscdk.CfnResource, rules [][2]string) {
	var list []any
	for _, r := range rules {
		list = append(list, map[string]any{"id": r[0], "reason": r[1]})
	}
	resource.AddMetadata(jsii.String("cdk_nag"), map[string]any{"rules_to_suppress": list})
}
