package deployed

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// PutSecret writes a new version of a secret.
func (s *Stack) PutSecret(ctx context.Context, arn, value string) error {
	_, err := secretsmanager.NewFromConfig(s.Config).PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId: aws.String(arn), SecretString: aws.String(value),
	})
	if err != nil {
		return Explain("write secret "+arn, err, "")
	}
	return nil
}
