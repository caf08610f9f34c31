package deployed

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"serverless-mcp/internal/settings"
)

// PutSecret writes a new version of a secret.
func (s *Stack) PutSecret(ctx context.Context, arn, value string) error {
	_, err := secretsmanager.NewFromConfig(s.Config).PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId: aws.String(arn), SecretString: aws.String(value),
	})
	if err != nil {
		return s.Explain("write secret "+arn, err)
	}
	return nil
}

// ToolSecretState reports whether a tool secret has a value.
type ToolSecretState struct {
	ID string // logical ID, such as ToolSecretToken
	// Name is the setting, such as TOOL_SECRET_TOKEN; empty if the stack's output does not
	// contain it.
	Name string
	Set  bool
}

// ToolSecretStates returns the tool secrets of the stack, sorted. It does not read
// their values.
func (s *Stack) ToolSecretStates(ctx context.Context) ([]ToolSecretState, error) {
	client := secretsmanager.NewFromConfig(s.Config)
	var all []ToolSecretState
	for output, arn := range s.outputs {
		id, isSecret := strings.CutSuffix(output, "Arn")
		if !isSecret || !strings.HasPrefix(id, "ToolSecret") {
			continue
		}
		found, err := client.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: aws.String(arn)})
		if err != nil {
			return nil, s.Explain("describe the tool secrets", err)
		}
		current := false
		for _, labels := range found.VersionIdsToStages {
			current = current || slices.Contains(labels, "AWSCURRENT")
		}
		name := s.descriptions[output]
		if settings.ToolSecretID(name) != id {
			name = ""
		}
		all = append(all, ToolSecretState{ID: id, Name: name, Set: current})
	}
	slices.SortFunc(all, func(a, b ToolSecretState) int { return strings.Compare(a.ID, b.ID) })
	return all, nil
}
