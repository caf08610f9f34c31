package awsfake

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

func secretsClient(t *testing.T, s *SecretsManager) *secretsmanager.Client {
	return secretsmanager.NewFromConfig(config(t, s))
}

func TestGetSecretValue(t *testing.T) {
	s := NewSecretsManager(Options{Now: newClock().Now})
	arn := s.Create("full", "v1")
	s.Create("full", "v2")
	s.Create("empty", "")
	client := secretsClient(t, s)
	now := must(client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &arn}))(t)
	if *now.ARN != arn || *now.Name != "full" || *now.CreatedDate != newClock().Now() {
		t.Errorf("got %v", now)
	}
	tests := []struct {
		name, id, version, stage string
		want                     string // the value, or empty if an error is expected
		code, message            string // of the error
	}{
		{"by name", "full", "", "", "v2", "", ""},
		{"by ARN", arn, "", "", "v2", "", ""},
		{"by ARN without its end", arn[:len(arn)-7], "", "", "v2", "", ""},
		{"by stage", "full", "", "AWSPREVIOUS", "v1", "", ""},
		{"by version", "full", *now.VersionId, "", "v2", "", ""},
		{"by both", "full", *now.VersionId, "AWSCURRENT", "v2", "", ""},
		{"by both, of different versions", "full", *now.VersionId, "AWSPREVIOUS", "", "InvalidRequestException", "You provided a VersionStage that is not associated to the provided VersionId."},
		{"no such secret", "none", "", "", "", "ResourceNotFoundException", "Secrets Manager can't find the specified secret."},
		{"no value yet", "empty", "", "", "", "ResourceNotFoundException", "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT"},
		{"no such stage", "full", "", "candidate", "", "ResourceNotFoundException", "Secrets Manager can't find the specified secret value for staging label: candidate"},
		{"no such version", "full", "00000000-0000-0000-0000-000000000000", "", "", "ResourceNotFoundException", "Secrets Manager can't find the specified secret value for VersionId: 00000000-0000-0000-0000-000000000000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := &secretsmanager.GetSecretValueInput{SecretId: &tt.id}
			if tt.version != "" {
				in.VersionId = &tt.version
			}
			if tt.stage != "" {
				in.VersionStage = &tt.stage
			}
			out, err := client.GetSecretValue(t.Context(), in)
			if tt.code != "" {
				wantError(t, err, tt.code, tt.message)
			} else if err != nil || *out.SecretString != tt.want {
				t.Errorf("got %v, %v, want %q", out, err, tt.want)
			}
		})
	}
}

func TestSecretARN(t *testing.T) {
	s := NewSecretsManager(Options{Region: "eu-west-1"})
	arn := s.Create("a/b", "")
	if arn != SecretARN("eu-west-1", "123456789012", "a/b") || !strings.HasPrefix(arn, "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a/b-") || len(arn) != len("arn:aws:secretsmanager:eu-west-1:123456789012:secret:a/b-XXXXXX") {
		t.Errorf("got %s", arn)
	}
	s.Create("a/b", "value")
	s.Delete("a/b")
	_, err := secretsClient(t, s).DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: &arn})
	wantError(t, err, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}

// state returns the labels of each version of a secret, by the version's value, and checks
// that both list operations agree. Deprecated versions have no labels.
func state(t *testing.T, client *secretsmanager.Client, id string) map[string]string {
	t.Helper()
	labels := map[string]string{}
	pages := secretsmanager.NewListSecretVersionIdsPaginator(client, &secretsmanager.ListSecretVersionIdsInput{
		SecretId: &id, IncludeDeprecated: aws.Bool(true), MaxResults: aws.Int32(2)})
	described := must(client.DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: &id}))(t)
	for pages.HasMorePages() {
		for _, v := range must(pages.NextPage(t.Context()))(t).Versions {
			value := must(client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &id, VersionId: v.VersionId}))(t)
			labels[*value.SecretString] = strings.Join(v.VersionStages, " ")
			if diff := cmp.Diff(v.VersionStages, described.VersionIdsToStages[*v.VersionId]); diff != "" {
				t.Errorf("ListSecretVersionIds and DescribeSecret differ: %s", diff)
			}
		}
	}
	return labels
}

// putter writes values under numbered version ids.
func putter(client *secretsmanager.Client, id string) func(ctx context.Context, n int, value string, stages ...string) error {
	return func(ctx context.Context, n int, value string, stages ...string) error {
		_, err := client.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
			SecretId: &id, SecretString: &value, ClientRequestToken: aws.String(versionID(n)), VersionStages: stages})
		return err
	}
}

func versionID(n int) string { return fmt.Sprintf("00000000-0000-0000-0000-%012d", n) }

func TestListSecretVersionIdsHidesDeprecated(t *testing.T) {
	s := NewSecretsManager(Options{})
	for i := range 4 {
		s.Create("s", fmt.Sprint(i))
	}
	client := secretsClient(t, s)
	out := must(client.ListSecretVersionIds(t.Context(), &secretsmanager.ListSecretVersionIdsInput{SecretId: aws.String("s")}))(t)
	if len(out.Versions) != 2 || out.NextToken != nil {
		t.Errorf("got %d versions, token %v, want 2 and none", len(out.Versions), out.NextToken)
	}
	described := must(client.DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: aws.String("s")}))(t)
	if len(described.VersionIdsToStages) != 2 {
		t.Errorf("DescribeSecret returns %d versions, want 2", len(described.VersionIdsToStages))
	}
	want := map[string]string{"0": "", "1": "", "2": "AWSPREVIOUS", "3": "AWSCURRENT"}
	if diff := cmp.Diff(want, state(t, client, "s")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err := client.ListSecretVersionIds(t.Context(), &secretsmanager.ListSecretVersionIdsInput{SecretId: aws.String("s"), NextToken: aws.String("x")})
	wantError(t, err, "InvalidNextTokenException", "The NextToken value is invalid.")
}

// TestSecretParameters: parameters that violate a constraint are rejected, including empty
// ones that could have been omitted.
func TestSecretParameters(t *testing.T) {
	s := NewSecretsManager(Options{})
	s.Create("s", "value")
	client := secretsClient(t, s)
	id, empty, short, long, ok := aws.String("s"), aws.String(""), aws.String(strings.Repeat("v", 31)), aws.String(strings.Repeat("v", 65)), aws.String(versionID(1))
	get := func(in secretsmanager.GetSecretValueInput) error {
		_, err := client.GetSecretValue(t.Context(), &in)
		return err
	}
	list := func(in secretsmanager.ListSecretVersionIdsInput) error {
		_, err := client.ListSecretVersionIds(t.Context(), &in)
		return err
	}
	put := func(labels ...string) error {
		_, err := client.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: id, SecretString: aws.String("x"), VersionStages: labels})
		return err
	}
	update := func(in secretsmanager.UpdateSecretVersionStageInput) error {
		in.SecretId = id
		_, err := client.UpdateSecretVersionStage(t.Context(), &in)
		return err
	}
	for want, err := range map[string]error{
		"'' at 'secretId' failed to satisfy constraint: Member must have length greater than or equal to 1":                 get(secretsmanager.GetSecretValueInput{SecretId: empty}),
		"at 'secretId' failed to satisfy constraint: Member must have length less than or equal to 2048":                    get(secretsmanager.GetSecretValueInput{SecretId: aws.String(strings.Repeat("s", 2049))}),
		"'' at 'versionId' failed to satisfy constraint: Member must have length greater than or equal to 32":               get(secretsmanager.GetSecretValueInput{SecretId: id, VersionId: empty}),
		"'' at 'versionStage' failed to satisfy constraint: Member must have length greater than or equal to 1":             get(secretsmanager.GetSecretValueInput{SecretId: id, VersionStage: empty}),
		"at 'versionStage' failed to satisfy constraint: Member must have length less than or equal to 256":                 update(secretsmanager.UpdateSecretVersionStageInput{VersionStage: aws.String(strings.Repeat("l", 257)), MoveToVersionId: ok}),
		"'' at 'removeFromVersionId' failed to satisfy constraint: Member must have length greater than or equal to 32":     update(secretsmanager.UpdateSecretVersionStageInput{VersionStage: aws.String("l"), MoveToVersionId: ok, RemoveFromVersionId: empty}),
		*short + "' at 'moveToVersionId' failed to satisfy constraint: Member must have length greater than or equal to 32": update(secretsmanager.UpdateSecretVersionStageInput{VersionStage: aws.String("l"), MoveToVersionId: short}),
		*long + "' at 'moveToVersionId' failed to satisfy constraint: Member must have length less than or equal to 64":     update(secretsmanager.UpdateSecretVersionStageInput{VersionStage: aws.String("l"), MoveToVersionId: long}),
		"'' at 'nextToken' failed to satisfy constraint: Member must have length greater than or equal to 1":                list(secretsmanager.ListSecretVersionIdsInput{SecretId: id, NextToken: empty}),
		"'0' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 1":               list(secretsmanager.ListSecretVersionIdsInput{SecretId: id, MaxResults: aws.Int32(0)}),
		"'101' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 100":              list(secretsmanager.ListSecretVersionIdsInput{SecretId: id, MaxResults: aws.Int32(101)}),
		"'[]' at 'versionStages' failed to satisfy constraint: Member must have length greater than or equal to 1":          put([]string{}...),
		"at 'versionStages' failed to satisfy constraint: Member must have length less than or equal to 20":                 put(strings.Split(strings.Repeat("l ", 20)+"l", " ")...),
		"'' at 'versionStages' failed to satisfy constraint: Member must have length greater than or equal to 1":            put(""),
	} {
		if api, ok := errors.AsType[smithy.APIError](err); !ok || api.ErrorCode() != "ValidationException" || !strings.Contains(api.ErrorMessage(), want) {
			t.Errorf("got %v, want a ValidationException: %s", err, want)
		}
	}
	if err := list(secretsmanager.ListSecretVersionIdsInput{SecretId: id, MaxResults: aws.Int32(100)}); err != nil {
		t.Errorf("100 results: %v", err)
	}
	if got := s.Value("s"); got != "value" {
		t.Errorf("a rejected call wrote %q", got)
	}
}
