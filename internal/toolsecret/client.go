package toolsecret

import (
	"cmp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// LambdaClient is Secrets Manager as a Lambda function reaches it: region and
// credentials stand in the environment for as long as the process lives. The
// SDK's own configuration would look in a dozen other places first, which adds
// 600 KB to the zip for nothing.
func LambdaClient(getenv func(string) string) *secretsmanager.Client {
	o := secretsmanager.Options{
		Region: getenv("AWS_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(
			getenv("AWS_ACCESS_KEY_ID"), getenv("AWS_SECRET_ACCESS_KEY"), getenv("AWS_SESSION_TOKEN")),
	}
	// The SDK's standard variables, which point to a stand-in on a laptop.
	if endpoint := cmp.Or(getenv("AWS_ENDPOINT_URL_SECRETS_MANAGER"), getenv("AWS_ENDPOINT_URL")); endpoint != "" {
		o.BaseEndpoint = aws.String(endpoint)
	}
	return secretsmanager.New(o)
}
