package preflight

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"serverless-mcp/internal/deploy/deployed"
	"serverless-mcp/internal/settings"
)

// Options configure [Read].
type Options struct {
	Config   aws.Config // credentials and region; required
	Profile  string     // for advice in errors; empty means none
	Settings settings.Settings
	// Getenv returns an environment variable, for AWS_ENDPOINT_URL_EC2 and
	// AWS_ENDPOINT_URL_IAM; required.
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
	f.Exists, f.StackProblem, f.StackErr = o.stack(ctx)
	for _, domain := range o.Settings.DomainNames() {
		_, err := o.LookupHost(ctx, domain)
		f.DomainErr = errors.Join(f.DomainErr, err)
	}
	if !o.Settings.Has(settings.ShapeContainer) {
		return f, nil
	}
	f.VPCs, f.Addresses, f.NetworkErr = o.network(ctx)
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
	if isMissing(err) {
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

// isMissing reports whether CloudFormation has no such stack.
func isMissing(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == "ValidationError" && strings.Contains(api.ErrorMessage(), "does not exist")
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

// stack returns whether the stack exists, and its problem if the last deployment
// did not succeed.
func (o Options) stack(ctx context.Context) (exists bool, problem string, err error) {
	name := o.Settings.FullStackName()
	out, err := cloudformation.NewFromConfig(o.Config).DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if isMissing(err) || err == nil && len(out.Stacks) == 0 {
		return false, "", nil
	}
	if err != nil {
		return false, "", o.explain("look up stack "+name, err)
	}
	s := deployed.Stack{Name: name, Region: o.Config.Region, Status: string(out.Stacks[0].StackStatus)}
	return true, s.Problem(), nil
}

// network counts the VPCs and Elastic IP addresses of the region.
func (o Options) network(ctx context.Context) (vpcs, addresses int, err error) {
	var found struct {
		VPCs []struct{} `xml:"vpcSet>item"`
	}
	endpoint := cmp.Or(o.Getenv("AWS_ENDPOINT_URL_EC2"), "https://ec2."+o.Config.Region+"."+suffix(o.Config.Region))
	ec2 := queryAPI{o.Config, "ec2", o.Config.Region, endpoint, "2016-11-15"}
	if err := ec2.call(ctx, "DescribeVpcs", nil, &found); err != nil {
		return 0, 0, o.explain("list the VPCs", err)
	}
	var allocated struct {
		Addresses []struct{} `xml:"addressesSet>item"`
	}
	if err := ec2.call(ctx, "DescribeAddresses", nil, &allocated); err != nil {
		return 0, 0, o.explain("list the Elastic IP addresses", err)
	}
	return len(found.VPCs), len(allocated.Addresses), nil
}

// clusterRole reports whether the service-linked role of ECS exists.
func (o Options) clusterRole(ctx context.Context) (bool, error) {
	// IAM is a global service with one endpoint for each partition.
	region, endpoint := "us-east-1", "https://iam.amazonaws.com"
	if strings.HasPrefix(o.Config.Region, "cn-") {
		region, endpoint = "cn-north-1", "https://iam.cn-north-1.amazonaws.com.cn"
	}
	iam := queryAPI{o.Config, "iam", region, cmp.Or(o.Getenv("AWS_ENDPOINT_URL_IAM"), endpoint), "2010-05-08"}
	err := iam.call(ctx, "GetRole", map[string]string{"RoleName": "AWSServiceRoleForECS"}, nil)
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "NoSuchEntity" {
		return false, nil
	}
	if err != nil {
		return false, o.explain("look up the role of ECS", err)
	}
	return true, nil
}

// suffix returns the domain of AWS's endpoints in a region.
func suffix(region string) string {
	if strings.HasPrefix(region, "cn-") {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}
