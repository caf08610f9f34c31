package awsfake

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

func TestAs(t *testing.T) {
	s := NewSecretsManager(Options{})
	mine, other := s.Create("mine", "v"), s.Create("other", "v")
	client := secretsmanager.NewFromConfig(config(t, s.As("Mcp", func(action, secret string) bool {
		return action == "secretsmanager:GetSecretValue" && secret == mine
	})))
	denied := func(action, secret string) string {
		return "User: arn:aws:sts::123456789012:assumed-role/Mcp/Mcp is not authorized to perform: " + action +
			" on resource: " + secret + " because no identity-based policy allows the " + action + " action"
	}
	for _, id := range []string{"mine", mine} {
		out, err := client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &id})
		if err != nil || *out.SecretString != "v" {
			t.Errorf("%s: got %v, %v", id, out, err)
		}
	}
	for id, resource := range map[string]string{"other": other, "none": "none"} {
		_, err := client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &id})
		wantError(t, err, "AccessDeniedException", denied("secretsmanager:GetSecretValue", resource))
	}
	_, err := client.DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: aws.String("mine")})
	wantError(t, err, "AccessDeniedException", denied("secretsmanager:DescribeSecret", mine))
}
