// Command authorizer is the Lambda function with which API Gateway authorizes each
// request. It reads the keys before the first request.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"serverless-mcp/internal/hosting/awsenv"
	"serverless-mcp/internal/hosting/logs"
	"serverless-mcp/internal/keys/authorizer"
	"serverless-mcp/internal/keys/keystore"
	"serverless-mcp/internal/metrics"
	"serverless-mcp/internal/settings"
)

func main() {
	measured := metrics.FromEnv(os.Getenv)
	measured.Authorizer = true
	log := logs.NewWithMetrics(os.Stdout, logs.Level(os.Getenv(settings.EnvLogLevel)), measured)
	keys := keystore.Open(context.Background(), keystore.Options{
		Secrets:    keystore.NewClient(awsenv.Config(os.Getenv)),
		DefaultKey: os.Getenv(settings.EnvDefaultKeySecret), // unset with API_KEY=none
		IssuedKeys: os.Getenv(settings.EnvIssuedKeysSecret),
		Log:        log,
	})
	lambda.Start(authorizer.New(authorizer.Options{Lookup: keys.Lookup, KeyringAge: keys.Age, Log: log}).Handle)
}
