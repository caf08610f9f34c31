package pause

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"serverless-mcp/internal/deploy/deployed"
)

type service struct {
	stack        *deployed.Stack
	client       *ecs.Client
	arn, cluster string
}

func (c *service) name() string { return "service " + c.arn[strings.LastIndex(c.arn, "/")+1:] }

func (c *service) describe(setting string) string { return "tasks " + setting }

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
