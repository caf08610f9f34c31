package jobs

import (
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// attemptTimeout bounds one attempt of a call to DynamoDB, which takes about 10 ms.
const attemptTimeout = 3 * time.Second

// NewClient returns a DynamoDB client for jobs.
func NewClient(config aws.Config) *dynamodb.Client {
	return dynamodb.NewFromConfig(config, func(o *dynamodb.Options) {
		o.HTTPClient = awshttp.NewBuildableClient().WithTimeout(attemptTimeout)
	})
}

// Open returns a service for a table, and for the function with that ARN, which runs the
// jobs. It makes no calls.
func Open(config aws.Config, table, function string, log *slog.Logger) *Service {
	return New(Options{Table: NewClient(config), Name: table, Invoke: NewInvoker(config, function).Invoke, Log: log})
}
