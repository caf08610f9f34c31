// Command page is the Lambda function behind GET /, the page that shows how to
// connect. It needs no key, and its role permits only logging.
package main

import (
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"serverless-mcp/internal/clients/page"
	"serverless-mcp/internal/hosting/lambdahttp"
	"serverless-mcp/internal/hosting/logs"
	"serverless-mcp/internal/settings"
)

func main() {
	log := logs.New(os.Stdout, logs.Level(os.Getenv(settings.EnvLogLevel)))
	handler := page.New(page.Options{
		Name: os.Getenv(settings.EnvServerName), Entry: os.Getenv(settings.EnvEntryName),
		Signin: os.Getenv(settings.EnvPageSignin),
		Title:  os.Getenv(settings.EnvServerTitle), Icon: os.Getenv(settings.EnvIcon), Website: os.Getenv(settings.EnvWebsite),
	})
	lambda.Start(lambdahttp.Buffered(handler, log))
}
