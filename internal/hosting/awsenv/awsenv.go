// Package awsenv reads the AWS configuration of a Lambda function, whose region
// and credentials are in the environment and do not change while the process
// runs. The SDK's package config would look in a dozen other places first and add
// 600 KB to the zip.
package awsenv

import (
	"cmp"
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// Config returns the configuration from the environment. The SDK's standard
// variables for endpoints are included, which point to local services on a
// laptop. If AWS_REGION is unset, the region is empty and the clients' calls fail.
func Config(getenv func(string) string) aws.Config {
	c := aws.Config{
		Region: getenv("AWS_REGION"),
		Credentials: aws.NewCredentialsCache(credentials.NewStaticCredentialsProvider(
			getenv("AWS_ACCESS_KEY_ID"), getenv("AWS_SECRET_ACCESS_KEY"), getenv("AWS_SESSION_TOKEN"))),
		ConfigSources: []any{endpoints(getenv)},
	}
	if url := getenv("AWS_ENDPOINT_URL"); url != "" {
		c.BaseEndpoint = aws.String(url)
	}
	return c
}

// endpoints returns the endpoint of a service. It implements the interface that the
// SDK's clients expect of a configuration source.
type endpoints func(name string) string

// GetServiceBaseEndpoint returns the URL of a service by its SDK id, such as
// "Secrets Manager"; false means the default endpoint of AWS.
func (getenv endpoints) GetServiceBaseEndpoint(_ context.Context, service string) (string, bool, error) {
	name := "AWS_ENDPOINT_URL_" + strings.ToUpper(strings.ReplaceAll(service, " ", "_"))
	url := cmp.Or(getenv(name), getenv("AWS_ENDPOINT_URL"))
	return url, url != "", nil
}
