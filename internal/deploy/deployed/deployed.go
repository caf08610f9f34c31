// Package deployed finds a deployed stack of this project and what it put
// out: the endpoint, the ids of the API and of the secrets. Its errors say
// what to do, since most of them are about somebody's AWS set-up and not about
// this project.
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

	"serverless-mcp/internal/settings"
)

// Options say which stack. Region and Profile may be empty: then they come
// from where the AWS CLI takes them.
type Options struct {
	Name    string // with its stage; required
	Region  string
	Profile string
}

// Stack is a deployed stack.
type Stack struct {
	Name, Region, Account string
	// Credentials tells people where the credentials came from.
	Credentials string
	// Config is for further clients, with the same credentials and region.
	Config aws.Config

	outputs map[string]string
	profile string
}

// Find looks a stack up.
func Find(ctx context.Context, o Options) (*Stack, error) {
	cfg, err := load(ctx, o)
	if err != nil {
		return nil, err
	}
	found, err := cloudformation.NewFromConfig(cfg).DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &o.Name})
	if isMissing(err) || err == nil && len(found.Stacks) == 0 {
		return nil, notFound(o, cfg.Region, elsewhere(ctx, cfg, o.Name))
	}
	if err != nil {
		return nil, Explain("look up stack "+o.Name, err, o.Profile)
	}
	return newStack(ctx, found.Stacks[0], cfg, o), nil
}

// load finds credentials and region.
func load(ctx context.Context, o Options) (aws.Config, error) {
	return Connect(ctx, "look up stack "+o.Name, o)
}

// Connect finds credentials and region for something else than a stack; the
// options' name does not count. The action is what they are for, in words.
func Connect(ctx context.Context, action string, o Options) (aws.Config, error) {
	var options []func(*config.LoadOptions) error
	if o.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(o.Profile))
	}
	if o.Region != "" {
		options = append(options, config.WithRegion(o.Region))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, Explain(action, err, o.Profile)
	}
	if cfg.Region == "" {
		return aws.Config{}, errors.New("no AWS region: give --region, set AWS_REGION, or set a region in the profile")
	}
	return cfg, nil
}

func newStack(ctx context.Context, from types.Stack, cfg aws.Config, o Options) *Stack {
	s := &Stack{
		Name: aws.ToString(from.StackName), Region: cfg.Region, Account: account(aws.ToString(from.StackId)),
		Config: cfg, outputs: map[string]string{}, profile: o.Profile,
	}
	if used, err := cfg.Credentials.Retrieve(ctx); err == nil { // they are cached: the call above used them
		s.Credentials = used.Source
	}
	for _, out := range from.Outputs {
		s.outputs[aws.ToString(out.OutputKey)] = aws.ToString(out.OutputValue)
	}
	return s
}

// Explain is the package's [Explain] for calls to this stack's resources.
func (s *Stack) Explain(action string, err error) error { return Explain(action, err, s.profile) }

// String tells people which stack it is.
func (s *Stack) String() string {
	return fmt.Sprintf("stack %s in %s of account %s", s.Name, s.Region, s.Account)
}

// Output is the value of an output of the stack.
func (s *Stack) Output(name string) (string, error) {
	value, ok := s.outputs[name]
	if !ok {
		return "", fmt.Errorf("%s has no output %s: it is another project's, or its deployment has not ended well; see npx cdk deploy", s, name)
	}
	return value, nil
}

// ToolSecret is the ARN of the secret that a TOOL_SECRET_* setting declared,
// "" if the stack was deployed without it.
func (s *Stack) ToolSecret(name string) string {
	return s.outputs[settings.ToolSecretID(name)+"Arn"]
}

// account is the fifth part of an ARN.
func account(arn string) string {
	parts := strings.Split(arn, ":")
	if len(parts) < 5 {
		return "(unknown)"
	}
	return parts[4]
}
