package deployed

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"
)

// SeveralError means that more than one stack could be meant.
type SeveralError struct {
	Region string
	Names  []string // sorted
}

// Error implements error.
func (e *SeveralError) Error() string {
	return fmt.Sprintf("which stack? in %s there are %s: name one with --stack or --stage", e.Region, strings.Join(e.Names, ", "))
}

// FindOnly looks up the stack of that name where nobody has named one: if
// there are others of this project too, which have the name and a stage, it
// stops with a [SeveralError] instead of taking one of them. Whoever may not
// list stacks gets the one of exactly that name.
func FindOnly(ctx context.Context, o Options) (*Stack, error) {
	cfg, err := load(ctx, o)
	if err != nil {
		return nil, err
	}
	var found []types.Stack
	pages := cloudformation.NewDescribeStacksPaginator(cloudformation.NewFromConfig(cfg), &cloudformation.DescribeStacksInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if isDenied(err) {
			return Find(ctx, o)
		}
		if err != nil {
			return nil, Explain("look up stack "+o.Name, err, o.Profile)
		}
		found = append(found, page.Stacks...)
	}
	found = slices.DeleteFunc(found, func(s types.Stack) bool { return !isOurs(s, o.Name) })
	switch len(found) {
	case 0:
		return nil, notFound(o, cfg.Region, elsewhere(ctx, cfg, o.Name))
	case 1:
		return newStack(ctx, found[0], cfg, o), nil
	}
	several := &SeveralError{Region: cfg.Region}
	for _, s := range found {
		several.Names = append(several.Names, aws.ToString(s.StackName))
	}
	slices.Sort(several.Names)
	return nil, several
}

// isOurs knows a stack of this project by its outputs, and its stage by what
// follows the name.
func isOurs(s types.Stack, base string) bool {
	name := aws.ToString(s.StackName)
	return (name == base || strings.HasPrefix(name, base+"-")) &&
		slices.ContainsFunc(s.Outputs, func(o types.Output) bool { return aws.ToString(o.OutputKey) == "IssuedKeysSecretArn" })
}

// regions are those that every account has. A stack in one that has to be
// enabled first is not found, which is no worse than not looking.
func regions() []string {
	return []string{
		"us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1",
		"eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3",
		"ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2",
	}
}

// elsewhere looks for a stack in the other regions, for a few seconds: the
// commonest reason for not finding it. Errors are of no interest here.
func elsewhere(ctx context.Context, cfg aws.Config, name string) []string {
	ctx, cancel := context.WithTimeout(ctx, 4*time.Second)
	defer cancel()
	client := cloudformation.NewFromConfig(cfg)
	var mu sync.Mutex
	var found []string
	var asking sync.WaitGroup
	for _, region := range regions() {
		if region == cfg.Region {
			continue
		}
		asking.Go(func() {
			out, err := client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name},
				func(o *cloudformation.Options) { o.Region, o.Retryer = region, aws.NopRetryer{} })
			if err == nil && len(out.Stacks) > 0 {
				mu.Lock()
				defer mu.Unlock()
				found = append(found, region)
			}
		})
	}
	asking.Wait()
	slices.Sort(found)
	return found
}

func notFound(o Options, region string, elsewhere []string) error {
	if len(elsewhere) > 0 {
		return fmt.Errorf("no stack %s in %s, but there is one in %s: give --region %s", o.Name, region, strings.Join(elsewhere, " and in "), elsewhere[0])
	}
	return fmt.Errorf("no stack %s in %s: deploy it with npx cdk deploy, or name another with --stack, --stage, --region or --profile", o.Name, region)
}

// isMissing knows CloudFormation's way of saying that there is no such stack.
func isMissing(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == "ValidationError" && strings.Contains(api.ErrorMessage(), "does not exist")
}

func isDenied(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && strings.HasPrefix(api.ErrorCode(), "AccessDenied")
}
