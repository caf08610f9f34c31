package keystore

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// Two attempts and the pause between them fit into readTimeout. The SDK's default
// retry time exceeds the function timeout, so Lambda would kill the process first.
const (
	attempts       = 2
	attemptTimeout = 1150 * time.Millisecond
	maxPause       = 100 * time.Millisecond // between the attempts
)

// NewClient returns a Secrets Manager client for a [Reader], with the region, the
// credentials and the endpoint of cfg.
func NewClient(cfg aws.Config) *secretsmanager.Client {
	return secretsmanager.NewFromConfig(cfg, func(o *secretsmanager.Options) {
		o.HTTPClient = awshttp.NewBuildableClient().WithTimeout(attemptTimeout)
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts = attempts
			o.MaxBackoff = maxPause
			o.RateLimiter = ratelimit.None // the Reader limits reads itself
		})
	})
}
