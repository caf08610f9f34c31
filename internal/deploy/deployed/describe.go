package deployed

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/keys/keystore"
)

// A Function is a Lambda function of the stack.
type Function struct {
	ID       string // logical id in the template
	Name     string
	LogGroup string
	Timeout  time.Duration
	MemoryMB int
	// Architecture is arm64 or x86_64.
	Architecture string
	SHA256       string // of its zip, in base64
}

// Functions returns the stack's functions, including those that custom.go or the
// CDK adds.
func (s *Stack) Functions(ctx context.Context) ([]Function, error) {
	pages := cloudformation.NewListStackResourcesPaginator(cloudformation.NewFromConfig(s.Config), &cloudformation.ListStackResourcesInput{StackName: &s.Name})
	client := lambda.NewFromConfig(s.Config)
	var all []Function
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, s.Explain("list the resources of stack "+s.Name, err)
		}
		for _, r := range page.StackResourceSummaries {
			if aws.ToString(r.ResourceType) != "AWS::Lambda::Function" || strings.HasSuffix(string(r.ResourceStatus), "DELETE_COMPLETE") {
				continue
			}
			f, err := client.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: r.PhysicalResourceId})
			if err != nil {
				return nil, s.Explain("describe function "+aws.ToString(r.PhysicalResourceId), err)
			}
			all = append(all, Function{
				ID: aws.ToString(r.LogicalResourceId), Name: aws.ToString(r.PhysicalResourceId), SHA256: aws.ToString(f.CodeSha256),
				LogGroup: logGroup(f), Timeout: time.Duration(aws.ToInt32(f.Timeout)) * time.Second,
				MemoryMB: int(aws.ToInt32(f.MemorySize)), Architecture: architecture(f),
			})
		}
	}
	return all, nil
}

func architecture(f *lambda.GetFunctionConfigurationOutput) string {
	if len(f.Architectures) == 0 {
		return ""
	}
	return string(f.Architectures[0])
}

// logGroup returns the function's log group: Lambda's default if none is set.
func logGroup(f *lambda.GetFunctionConfigurationOutput) string {
	if f.LoggingConfig == nil || aws.ToString(f.LoggingConfig.LogGroup) == "" {
		return "/aws/lambda/" + aws.ToString(f.FunctionName)
	}
	return *f.LoggingConfig.LogGroup
}

// Concurrency returns the account's limit of concurrent executions in the stack's
// region, which all its functions share.
func (s *Stack) Concurrency(ctx context.Context) (int, error) {
	out, err := lambda.NewFromConfig(s.Config).GetAccountSettings(ctx, &lambda.GetAccountSettingsInput{})
	if err != nil {
		return 0, s.Explain("read the account's Lambda limits", err)
	}
	if out.AccountLimit == nil {
		return 0, nil
	}
	return int(out.AccountLimit.ConcurrentExecutions), nil
}

// IssuedKeys returns the issued keys: names, expiry times and hashes.
func (s *Stack) IssuedKeys(ctx context.Context) ([]apikey.Key, error) {
	id, err := s.Output("IssuedKeysSecretArn")
	if err != nil {
		return nil, err
	}
	out, err := secretsmanager.NewFromConfig(s.Config).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &id})
	if keystore.HasNoValue(err) {
		return nil, nil // no key was issued yet
	}
	if err != nil {
		return nil, s.Explain("read the issued keys", err)
	}
	document, err := apikey.ParseDocument([]byte(aws.ToString(out.SecretString)))
	return document.Keys, err
}
