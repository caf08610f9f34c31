// Package deployed finds a deployed stack of this project and its outputs: the
// endpoint, the ids of the API and of the secrets. Its errors name a remedy, since
// most of them concern the user's AWS configuration and not this project.
package deployed

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go/logging"

	"serverless-mcp/internal/settings"
)

// Options select a stack. An empty Region or Profile means the one that the AWS CLI would
// use.
type Options struct {
	Name    string // name of the stack, with its stage; required
	Region  string
	Profile string
}

// Stack is a deployed stack.
type Stack struct {
	Name, Region, Account string
	// Status is CloudFormation's, such as CREATE_COMPLETE.
	Status string
	// Protected reports whether termination protection is on.
	Protected bool
	// RegionOfDefault reports whether the region comes from the profile "default", because
	// the selected profile has none. The CDK does the same.
	RegionOfDefault bool
	// Credentials names the source of the credentials.
	Credentials string
	// Config has the credentials and the region with which the stack was found, for other
	// AWS clients.
	Config aws.Config

	outputs      map[string]string
	descriptions map[string]string // of the outputs
	profile      string
}

// Find looks up a stack.
func Find(ctx context.Context, o Options) (*Stack, error) {
	cfg, err := load(ctx, o)
	if err != nil {
		return nil, err
	}
	found, err := cloudformation.NewFromConfig(cfg).DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &o.Name})
	if IsMissing(err) || err == nil && len(found.Stacks) == 0 {
		return nil, notFound(o, cfg.Region, findElsewhere(ctx, cfg, o.Name))
	}
	if err != nil {
		return nil, Explain("look up stack "+o.Name, err, o.Profile)
	}
	return newStack(ctx, found.Stacks[0], cfg, o), nil
}

// load returns the AWS configuration for looking up a stack.
func load(ctx context.Context, o Options) (aws.Config, error) {
	return Connect(ctx, "look up stack "+o.Name, o)
}

// Connect returns an AWS configuration with credentials and a region. action is a phrase for
// errors, such as "push the image". Connect ignores o.Name.
func Connect(ctx context.Context, action string, o Options) (aws.Config, error) {
	var options []func(*config.LoadOptions) error
	if o.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(o.Profile))
	}
	if o.Region != "" {
		options = append(options, config.WithRegion(o.Region))
	}
	// The SDK would write its own log lines between those of the command.
	options = append(options, config.WithLogger(logging.Nop{}))
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, Explain(action, err, o.Profile)
	}
	if cfg.Region == "" {
		cfg.Region = defaultProfileRegion(ctx)
	}
	if cfg.Region == "" {
		return aws.Config{}, errors.New("no AWS region: pass --region, set AWS_REGION, or set a region in the profile; without one the CDK deploys to us-east-1")
	}
	return cfg, nil
}

// defaultProfileRegion returns the region of the profile "default", or "" if it has none.
// As in the CDK's command line, it applies to profiles without a region.
func defaultProfileRegion(ctx context.Context) string {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithSharedConfigProfile("default"))
	if err != nil {
		return "" // no such profile
	}
	return cfg.Region
}

func newStack(ctx context.Context, from types.Stack, cfg aws.Config, o Options) *Stack {
	s := &Stack{
		Name: aws.ToString(from.StackName), Region: cfg.Region, Account: account(aws.ToString(from.StackId)),
		Status: string(from.StackStatus), Protected: aws.ToBool(from.EnableTerminationProtection), Config: cfg, outputs: map[string]string{}, descriptions: map[string]string{}, profile: o.Profile,
		RegionOfDefault: o.Region == "" && regionIsFallback(ctx, o),
	}
	if used, err := cfg.Credentials.Retrieve(ctx); err == nil { // cached: the call above used them
		s.Credentials = used.Source
	}
	for _, out := range from.Outputs {
		key := aws.ToString(out.OutputKey)
		s.outputs[key], s.descriptions[key] = aws.ToString(out.OutputValue), aws.ToString(out.Description)
	}
	return s
}

// regionIsFallback reports whether the configuration itself has no region.
func regionIsFallback(ctx context.Context, o Options) bool {
	var options []func(*config.LoadOptions) error
	if o.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(o.Profile))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	return err == nil && cfg.Region == ""
}

// Explain calls the package's [Explain] with the profile that the stack was found with.
func (s *Stack) Explain(action string, err error) error { return Explain(action, err, s.profile) }

// Partition returns the AWS partition of the stack's region.
func (s *Stack) Partition() string {
	switch {
	case strings.HasPrefix(s.Region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(s.Region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// String describes the stack for people.
func (s *Stack) String() string {
	return fmt.Sprintf("stack %s in %s of account %s", s.Name, s.Region, s.Account)
}

// Output returns the value of an output of the stack.
func (s *Stack) Output(name string) (string, error) {
	value, ok := s.outputs[name]
	if problem := s.Problem(); !ok && problem != "" {
		return "", fmt.Errorf("%s has no output %s: %s", s, name, problem)
	}
	if !ok {
		return "", fmt.Errorf("%s has no output %s: it belongs to another project, or its deployment failed; see npx cdk deploy", s, name)
	}
	return value, nil
}

// ToolSecret returns the ARN of the secret of a TOOL_SECRET_* setting, "" if the
// stack was deployed without that setting.
func (s *Stack) ToolSecret(name string) string {
	return s.outputs[settings.ToolSecretID(name)+"Arn"]
}

// account returns the account id of an ARN.
func account(arn string) string {
	parts := strings.Split(arn, ":")
	if len(parts) < 5 {
		return "(unknown)"
	}
	return parts[4]
}
