package awsenv_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"serverless-mcp/internal/hosting/awsenv"
)

// The SDK's clients use the endpoint and the credentials in the environment. The variable
// for one service takes precedence over the variable for all.
func TestConfig(t *testing.T) {
	var authorization, token string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		authorization, token = r.Header.Get("Authorization"), r.Header.Get("X-Amz-Security-Token")
		_, _ = w.Write([]byte(`{}`))
	}))
	defer server.Close()
	secret := func(t *testing.T, c aws.Config) error {
		_, err := secretsmanager.NewFromConfig(c).GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("x")})
		return err
	}
	item := func(t *testing.T, c aws.Config) error {
		_, err := dynamodb.NewFromConfig(c).GetItem(t.Context(), &dynamodb.GetItemInput{
			TableName: aws.String("t"), Key: map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "1"}},
		})
		return err
	}
	const nowhere = "http://127.0.0.1:1"
	for name, test := range map[string]struct {
		endpoints map[string]string
		call      func(*testing.T, aws.Config) error
		service   string
	}{
		"secrets, own":   {map[string]string{"AWS_ENDPOINT_URL_SECRETS_MANAGER": server.URL, "AWS_ENDPOINT_URL": nowhere}, secret, "secretsmanager"},
		"secrets, all":   {map[string]string{"AWS_ENDPOINT_URL": server.URL, "AWS_ENDPOINT_URL_DYNAMODB": nowhere}, secret, "secretsmanager"},
		"dynamodb, own":  {map[string]string{"AWS_ENDPOINT_URL_DYNAMODB": server.URL, "AWS_ENDPOINT_URL": nowhere}, item, "dynamodb"},
		"dynamodb, all":  {map[string]string{"AWS_ENDPOINT_URL": server.URL}, item, "dynamodb"},
		"dynamodb alone": {map[string]string{"AWS_ENDPOINT_URL_DYNAMODB": server.URL}, item, "dynamodb"},
	} {
		t.Run(name, func(t *testing.T) {
			env := map[string]string{"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}
			for variable, url := range test.endpoints {
				env[variable] = url
			}
			authorization, token = "", ""
			if err := test.call(t, awsenv.Config(func(n string) string { return env[n] })); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(authorization, "AKIA/") || !strings.Contains(authorization, "/eu-central-1/"+test.service+"/") || token != "t" {
				t.Errorf("signed with %q, token %q", authorization, token)
			}
		})
	}
}

func TestEmptyEnvironment(t *testing.T) {
	c := awsenv.Config(func(string) string { return "" })
	if c.Region != "" || c.BaseEndpoint != nil {
		t.Errorf("region %q, endpoint %v; want none", c.Region, c.BaseEndpoint)
	}
	if _, err := c.Credentials.Retrieve(t.Context()); err == nil {
		t.Error("Retrieve succeeds without credentials")
	}
}
