// Package awsenv is the AWS configuration of a Lambda function: region and
// credentials stand in the environment for as long as the process lives. The
// SDK's own configuration would look in a dozen other places first, which adds
// 600 KB to the zip for nothing.
package awsenv

import (
	"cmp"
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// Config is what the environment says, the SDK's standard variables for
// endpoints included, which point to stand-ins on a laptop. Without AWS_REGION
// there is no region, and what needs one refuses to start.
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

// endpoints tells a service's client where its service is, in the form in
// which the SDK's clients ask the sources of a configuration.
type endpoints func(name string) string

// GetServiceBaseEndpoint is the address of a service by its SDK id, such as
// "Secrets Manager"; false means AWS's own.
func (getenv endpoints) GetServiceBaseEndpoint(_ context.Context, service string) (string, bool, error) {
	name := "AWS_ENDPOINT_URL_" + strings.ToUpper(strings.ReplaceAll(service, " ", "_"))
	url := cmp.Or(getenv(name), getenv("AWS_ENDPOINT_URL"))
	return url, url != "", nil
}
