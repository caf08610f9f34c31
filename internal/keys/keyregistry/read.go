package keyregistry

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/keys/keystore"
)

// Read returns the current registry. A secret without a current version is an
// empty registry; a value that is not a key document is [ErrNotKeyDocument].
func (r *Registry) Read(ctx context.Context) (Snapshot, error) {
	out, err := r.o.Secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &r.o.ID})
	if keystore.HasNoValue(err) {
		return Snapshot{}, nil
	}
	if err != nil {
		return Snapshot{}, fmt.Errorf("read the key registry: %w", err)
	}
	s := Snapshot{Version: aws.ToString(out.VersionId), text: aws.ToString(out.SecretString)}
	if s.Document, err = apikey.ParseDocument([]byte(s.text)); err != nil {
		return Snapshot{}, fmt.Errorf("%w: %w", ErrNotKeyDocument, err)
	}
	for _, k := range s.Document.Keys {
		if k.ID == apikey.DefaultID {
			return Snapshot{}, fmt.Errorf("%w: it has a key named %q, which is the deployment key's name", ErrNotKeyDocument, k.ID)
		}
	}
	return s, nil
}

// versions holds the labelled versions of the secret, and its capacity.
type versions struct {
	current, candidate string // version ids; "" if no version has the label
	capacity           VersionCapacity
}

// listVersions lists all versions, including those without a label.
func (r *Registry) listVersions(ctx context.Context) (versions, error) {
	var v versions
	now := r.o.Now()
	pages := secretsmanager.NewListSecretVersionIdsPaginator(r.o.Secrets, &secretsmanager.ListSecretVersionIdsInput{
		SecretId: &r.o.ID, IncludeDeprecated: aws.Bool(true),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return versions{}, fmt.Errorf("list the versions of the key registry: %w", err)
		}
		for _, entry := range page.Versions {
			id := aws.ToString(entry.VersionId)
			if slices.Contains(entry.VersionStages, current) {
				v.current = id
			}
			if slices.Contains(entry.VersionStages, candidate) {
				v.candidate = id
			}
			v.capacity.add(aws.ToTime(entry.CreatedDate), len(entry.VersionStages) > 0, now)
		}
	}
	slices.SortFunc(v.capacity.removable, time.Time.Compare)
	return v, nil
}

// Capacity counts the versions of the secret.
func (r *Registry) Capacity(ctx context.Context) (VersionCapacity, error) {
	v, err := r.listVersions(ctx)
	return v.capacity, err
}
