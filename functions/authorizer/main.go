// Command authorizer is the Lambda function that API Gateway asks who may call
// the API. It reads its keys before the first question comes.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"serverless-mcp/internal/hosting/awsenv"
	"serverless-mcp/internal/hosting/logs"
	"serverless-mcp/internal/keys/authorizer"
	"serverless-mcp/internal/keys/keystore"
)

func main() {
	ctx := context.Background()
	log := logs.New(os.Stdout, logs.Level(os.Getenv("LOG_LEVEL")))
	keys := keystore.NewReader(keystore.Options{
		Secrets:    keystore.ClientOf(awsenv.Config(os.Getenv)),
		DefaultKey: os.Getenv("DEFAULT_KEY_SECRET"), // empty where API_KEY=none
		IssuedKeys: os.Getenv("ISSUED_KEYS_SECRET"),
		Log:        log,
	})
	if err := keys.Warm(ctx); err != nil {
		// The secrets may be readable by the time of the first request.
		log.Error("keys cannot be read yet", "error", err)
	}
	lambda.Start(authorizer.New(authorizer.Options{Lookup: keys.Lookup, Log: log}).Handle)
}
