package preflight

import (
	"context"
	"errors"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"serverless-mcp/internal/deploy/deployed"
	"serverless-mcp/internal/settings"
)

// Options configure [Read].
type Options struct {
	Config   aws.Config // credentials and region; required
	Profile  string     // for advice in errors; empty means none
	Settings settings.Settings
	// Getenv returns an environment variable, such as AWS_ENDPOINT_URL_EC2; required.
	Getenv func(name string) string
	// LookupHost resolves a name; required if the settings have a domain.
	LookupHost func(ctx context.Context, host string) ([]string, error)
	// NodeVersion returns the output of "node --version"; required.
	NodeVersion func(ctx context.Context) (string, error)
}

// Read reads the facts. It returns an error if the credentials do not work,
// because then nothing else can be read.
func Read(ctx context.Context, o Options) (Facts, error) {
	f := Facts{Region: o.Config.Region}
	caller, err := sts.NewFromConfig(o.Config).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return f, o.explain("check the credentials", err)
	}
	f.Account = aws.ToString(caller.Account)
	f.Node, f.NodeErr = o.NodeVersion(ctx)
	f.Bootstrap, f.BootstrapErr = o.bootstrap(ctx)
	f.Concurrency, f.Unreserved, f.ConcurrencyErr = o.concurrency(ctx)
	o.stack(ctx, &f)
	if o.Settings.Domain.Name != "" {
		f.Domain = o.domain(ctx)
	}
	if !o.Settings.Has(settings.ShapeContainer) {
		return f, nil
	}
	f.Network, f.NetworkErr = o.network(ctx)
	f.ClusterRole, f.ClusterRoleErr = o.clusterRole(ctx)
	return f, nil
}

func (o Options) explain(action string, err error) error {
	return deployed.Explain(action, err, o.Profile)
}

// bootstrap returns the version of the stack that cdk bootstrap creates, 0 if
// there is none.
func (o Options) bootstrap(ctx context.Context) (int, error) {
	out, err := cloudformation.NewFromConfig(o.Config).DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: aws.String("CDKToolkit")})
	if deployed.IsMissing(err) {
		return 0, nil
	}
	if err != nil {
		return 0, o.explain("look up stack CDKToolkit", err)
	}
	for _, s := range out.Stacks {
		for _, output := range s.Outputs {
			if aws.ToString(output.OutputKey) == "BootstrapVersion" {
				return strconv.Atoi(aws.ToString(output.OutputValue))
			}
		}
	}
	return 0, nil
}

func (o Options) concurrency(ctx context.Context) (limit, unreserved int, err error) {
	out, err := lambda.NewFromConfig(o.Config).GetAccountSettings(ctx, &lambda.GetAccountSettingsInput{})
	if err != nil {
		return 0, 0, o.explain("read the account's Lambda limits", err)
	}
	if out.AccountLimit == nil {
		return 0, 0, errors.New("read the account's Lambda limits: the response has none")
	}
	limit = int(out.AccountLimit.ConcurrentExecutions)
	if out.AccountLimit.UnreservedConcurrentExecutions == nil {
		return limit, limit, nil
	}
	return limit, int(*out.AccountLimit.UnreservedConcurrentExecutions), nil
}

// stack reads whether the stack exists, its shapes, and its problem if the last
// deployment did not succeed. After a failed first deployment, or before it, the stack has no
// resources: the deployment takes as much from the quotas as one of a new stack.
func (o Options) stack(ctx context.Context, f *Facts) {
	name := o.Settings.FullStackName()
	out, err := cloudformation.NewFromConfig(o.Config).DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if deployed.IsMissing(err) || err == nil && len(out.Stacks) == 0 {
		return
	}
	if err != nil {
		f.StackErr = o.explain("look up stack "+name, err)
		return
	}
	found := out.Stacks[0]
	s := deployed.Stack{Name: name, Region: o.Config.Region, Status: string(found.StackStatus), Protected: aws.ToBool(found.EnableTerminationProtection)}
	f.Exists = found.StackStatus != types.StackStatusRollbackComplete && found.StackStatus != types.StackStatusReviewInProgress
	f.StackProblem = s.Problem()
	outputs := map[string]bool{}
	for _, output := range found.Outputs {
		outputs[aws.ToString(output.OutputKey)] = true
	}
	f.Shapes = settings.ShapesOf(outputs)
}
