// Package pause stops and starts the servers of a deployed stack within seconds, without
// a deployment: a Lambda function with a reserved concurrency of 0 is never run, and an
// ECS service with 0 tasks serves nothing. What was set before is kept in a tag of the
// function or service, so that any machine can start them again.
package pause

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"serverless-mcp/internal/deploy/deployed"
)

// tagName is the tag with what was set before: a number, or [unreserved].
const tagName = "mcpctl-paused"

const unreserved = "unreserved"

// servers are the logical ids of the functions that serve MCP.
var servers = []string{"Mcp", "McpStream"}

// A Change is what was done to a function or service.
type Change struct {
	Name          string // the function's or the service's
	Before, After string // such as "7 reserved", "unreserved", "0 reserved", "2 tasks"
}

// Pause stops the servers of a stack. It reports each change as it is made; one that
// is paused already is left as it is.
func Pause(ctx context.Context, s *deployed.Stack, report func(Change)) error {
	return each(ctx, s, func(t target) error {
		now, before, err := t.state(ctx)
		if err != nil {
			return err
		}
		if before != "" && now == "0" {
			report(Change{t.name(), t.words(now), t.words(now)})
			return nil
		}
		if now == "0" {
			return fmt.Errorf("%s is stopped, but not by mcpctl pause: start it where it was stopped", t.name())
		}
		// The tag first: without it the earlier value would be lost.
		if err := t.tag(ctx, now); err != nil {
			return err
		}
		if err := t.set(ctx, "0"); err != nil {
			return err
		}
		report(Change{t.name(), t.words(now), t.words("0")})
		return nil
	})
}

// Resume starts the servers of a stack that [Pause] stopped, with what was set before.
func Resume(ctx context.Context, s *deployed.Stack, report func(Change)) error {
	return each(ctx, s, func(t target) error {
		now, before, err := t.state(ctx)
		if err != nil {
			return err
		}
		if before == "" {
			report(Change{t.name(), t.words(now), t.words(now)})
			return nil
		}
		if _, err := strconv.ParseUint(before, 10, 31); err != nil && before != unreserved {
			return fmt.Errorf("%s has the tag %s with the unknown value %q", t.name(), tagName, before)
		}
		if err := t.set(ctx, before); err != nil {
			return err
		}
		if err := t.untag(ctx); err != nil {
			return err
		}
		report(Change{t.name(), t.words(now), t.words(before)})
		return nil
	})
}

// target is a function or a service. Its settings are numbers in decimal, or
// [unreserved].
type target interface {
	name() string
	words(setting string) string
	state(ctx context.Context) (now, before string, err error) // before is the tag's value, "" without one
	set(ctx context.Context, setting string) error
	tag(ctx context.Context, before string) error
	untag(ctx context.Context) error
}

func each(ctx context.Context, s *deployed.Stack, do func(target) error) error {
	functions, err := s.Functions(ctx)
	if err != nil {
		return err
	}
	var targets []target
	for _, f := range functions {
		if slices.Contains(servers, f.ID) {
			targets = append(targets, &function{s, lambda.NewFromConfig(s.Config), f})
		}
	}
	if arn, err := s.Output("McpContainerService"); err == nil {
		// arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME
		parts := strings.Split(arn, "/")
		if len(parts) != 3 {
			return fmt.Errorf("the output McpContainerService of %s is no ARN of a service: %q", s, arn)
		}
		targets = append(targets, &service{s, ecs.NewFromConfig(s.Config), arn, parts[1]})
	}
	if len(targets) == 0 {
		return fmt.Errorf("%s has no server: deploy it again", s)
	}
	for _, t := range targets {
		if err := do(t); err != nil {
			return err
		}
	}
	return nil
}

type function struct {
	stack  *deployed.Stack
	client *lambda.Client
	deployed.Function
}

func (f *function) name() string { return "function " + f.Name }

func (f *function) words(setting string) string {
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

type service struct {
	stack        *deployed.Stack
	client       *ecs.Client
	arn, cluster string
}

func (c *service) name() string { return "service " + c.arn[strings.LastIndex(c.arn, "/")+1:] }

func (c *service) words(setting string) string { return "tasks " + setting }

func (c *service) state(ctx context.Context) (now, before string, err error) {
	out, err := c.client.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &c.cluster, Services: []string{c.arn}, Include: []types.ServiceField{types.ServiceFieldTags}})
	if err != nil {
		return "", "", c.stack.Explain("read "+c.name(), err)
	}
	if len(out.Services) != 1 {
		return "", "", fmt.Errorf("%s does not exist", c.name())
	}
	for _, tag := range out.Services[0].Tags {
		if aws.ToString(tag.Key) == tagName {
			before = aws.ToString(tag.Value)
		}
	}
	return strconv.Itoa(int(out.Services[0].DesiredCount)), before, nil
}

func (c *service) set(ctx context.Context, setting string) error {
	n, err := strconv.Atoi(setting)
	if err != nil {
		return fmt.Errorf("%s: %q is not a number of tasks", c.name(), setting)
	}
	if _, err := c.client.UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: &c.cluster, Service: &c.arn, DesiredCount: aws.Int32(int32(n))}); err != nil {
		return c.stack.Explain("change the number of tasks of "+c.name(), err)
	}
	return nil
}

func (c *service) tag(ctx context.Context, before string) error {
	_, err := c.client.TagResource(ctx, &ecs.TagResourceInput{ResourceArn: &c.arn, Tags: []types.Tag{{Key: aws.String(tagName), Value: &before}}})
	if err != nil {
		return c.stack.Explain("tag "+c.name(), err)
	}
	return nil
}

func (c *service) untag(ctx context.Context) error {
	_, err := c.client.UntagResource(ctx, &ecs.UntagResourceInput{ResourceArn: &c.arn, TagKeys: []string{tagName}})
	if err != nil {
		return c.stack.Explain("remove the tag of "+c.name(), err)
	}
	return nil
}
