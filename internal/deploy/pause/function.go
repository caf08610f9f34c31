package pause

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"serverless-mcp/internal/deploy/deployed"
)

type function struct {
	stack  *deployed.Stack
	client *lambda.Client
	deployed.Function
}

func (f *function) name() string { return "function " + f.Name }

func (f *function) describe(setting string) string {
	if setting == unreserved {
		return setting
	}
	return "reserved concurrency " + setting
}

func (f *function) arn() string {
	return fmt.Sprintf("arn:%s:lambda:%s:%s:function:%s", f.stack.Partition(), f.stack.Region, f.stack.Account, f.Name)
}

func (f *function) state(ctx context.Context) (now, before string, err error) {
	reserved, err := f.client.GetFunctionConcurrency(ctx, &lambda.GetFunctionConcurrencyInput{FunctionName: &f.Name})
	if err != nil {
		return "", "", f.stack.Explain("read the concurrency of "+f.name(), err)
	}
	tags, err := f.client.ListTags(ctx, &lambda.ListTagsInput{Resource: aws.String(f.arn())})
	if err != nil {
		return "", "", f.stack.Explain("read the tags of "+f.name(), err)
	}
	now = unreserved
	if n := reserved.ReservedConcurrentExecutions; n != nil {
		now = strconv.Itoa(int(*n))
	}
	return now, tags.Tags[tagName], nil
}

func (f *function) set(ctx context.Context, setting string) error {
	var err error
	if setting == unreserved {
		_, err = f.client.DeleteFunctionConcurrency(ctx, &lambda.DeleteFunctionConcurrencyInput{FunctionName: &f.Name})
	} else {
		n, _ := strconv.Atoi(setting) // checked by the caller
		_, err = f.client.PutFunctionConcurrency(ctx, &lambda.PutFunctionConcurrencyInput{FunctionName: &f.Name, ReservedConcurrentExecutions: aws.Int32(int32(n))})
	}
	if err != nil {
		return f.stack.Explain("change the concurrency of "+f.name(), err)
	}
	return nil
}

func (f *function) tag(ctx context.Context, before string) error {
	_, err := f.client.TagResource(ctx, &lambda.TagResourceInput{Resource: aws.String(f.arn()), Tags: map[string]string{tagName: before}})
	if err != nil {
		return f.stack.Explain("tag "+f.name(), err)
	}
	return nil
}

func (f *function) untag(ctx context.Context) error {
	_, err := f.client.UntagResource(ctx, &lambda.UntagResourceInput{Resource: aws.String(f.arn()), TagKeys: []string{tagName}})
	if err != nil {
		return f.stack.Explain("remove the tag of "+f.name(), err)
	}
	return nil
}
