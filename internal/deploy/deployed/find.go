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

// SeveralError means that several stacks match.
type SeveralError struct {
	Region string
	Names  []string // sorted
}

// Error implements error.
func (e *SeveralError) Error() string {
	return fmt.Sprintf("several stacks in %s: %s; select one with --stack or --stage", e.Region, strings.Join(e.Names, ", "))
}

// FindOnly looks up the default stack, for a command without --stack. If the region has
// several stacks of this project with that name and different stages, it returns a
// [SeveralError]. Without the permission to list stacks, it returns the stack with exactly
// that name.
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
	found = slices.DeleteFunc(found, func(s types.Stack) bool { return !isOurs(s, o.Name) && !isFailed(s, o.Name) })
	switch len(found) {
	case 0:
		return nil, notFound(o, cfg.Region, findElsewhere(ctx, cfg, o.Name))
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

// isOurs reports whether a stack belongs to this project, judging by its outputs, and has
// the base name with any stage.
func isOurs(s types.Stack, base string) bool {
	name := aws.ToString(s.StackName)
	return (name == base || strings.HasPrefix(name, base+"-")) &&
		slices.ContainsFunc(s.Outputs, func(o types.Output) bool { return aws.ToString(o.OutputKey) == "IssuedKeysSecretArn" })
}

// isFailed reports whether a stack has exactly this name and its first deployment failed.
// Such a stack has no outputs that show whether it belongs to this project.
func isFailed(s types.Stack, name string) bool {
	return aws.ToString(s.StackName) == name && len(s.Outputs) == 0 && (&Stack{Status: string(s.StackStatus)}).Problem() != ""
}

// regions returns the regions that every account has. A stack in an opt-in region
// is not found.
func regions() []string {
	return []string{
		"us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1",
		"eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3",
		"ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2",
	}
}

// findElsewhere looks for a stack in the other regions for at most 4 seconds: a wrong
// region is the most common reason for not finding it. It ignores errors.
func findElsewhere(ctx context.Context, cfg aws.Config, name string) []string {
	ctx, cancel := context.WithTimeout(ctx, 4*time.Second)
	defer cancel()
	client := cloudformation.NewFromConfig(cfg)
	var mu sync.Mutex
	var found []string
	var calls sync.WaitGroup
	for _, region := range regions() {
		if region == cfg.Region {
			continue
		}
		calls.Go(func() {
			out, err := client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name},
				func(o *cloudformation.Options) { o.Region, o.Retryer = region, aws.NopRetryer{} })
			if err == nil && len(out.Stacks) > 0 {
				mu.Lock()
				defer mu.Unlock()
				found = append(found, region)
			}
		})
	}
	calls.Wait()
	slices.Sort(found)
	return found
}

func notFound(o Options, region string, elsewhere []string) error {
	if len(elsewhere) > 0 {
		return fmt.Errorf("no stack %s in %s, but there is one in %s: pass --region %s", o.Name, region, strings.Join(elsewhere, " and in "), elsewhere[0])
	}
	return fmt.Errorf("no stack %s in %s: deploy it with npx cdk deploy, or select another with --stack, --stage, --region or --profile", o.Name, region)
}

// IsMissing reports whether an error of DescribeStacks means that the stack does not exist.
func IsMissing(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == "ValidationError" && strings.Contains(api.ErrorMessage(), "does not exist")
}

// isDenied reports whether the caller lacks a permission.
func isDenied(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && strings.HasPrefix(api.ErrorCode(), "AccessDenied")
}
