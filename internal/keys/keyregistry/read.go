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

// Read is the registry now. A secret without a current version is an empty
// registry; a value that is no key document is [ErrGarbage].
func (r *Registry) Read(ctx context.Context) (Snapshot, error) {
	out, err := r.o.Secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &r.o.ID})
	if keystore.HasNoValue(err) {
		return Snapshot{}, nil
	}
	if err != nil {
		return Snapshot{}, fmt.Errorf("read the registry of keys: %w", err)
	}
	s := Snapshot{Version: aws.ToString(out.VersionId), text: aws.ToString(out.SecretString)}
	if s.Document, err = apikey.ParseDocument([]byte(s.text)); err != nil {
		return Snapshot{}, fmt.Errorf("%w: %w", ErrGarbage, err)
	}
	for _, k := range s.Document.Keys {
		if k.ID == apikey.DefaultID {
			return Snapshot{}, fmt.Errorf("%w: it has a key named %q, which is the deployment's", ErrGarbage, k.ID)
		}
	}
	return s, nil
}

// labels are where the staging labels are, and how full the secret is.
type labels struct {
	current, candidate string // version ids; "" where there is none
	room               Room
}

// look lists the versions, those without a label included.
func (r *Registry) look(ctx context.Context) (labels, error) {
	var l labels
	now := r.o.Now()
	pages := secretsmanager.NewListSecretVersionIdsPaginator(r.o.Secrets, &secretsmanager.ListSecretVersionIdsInput{
		SecretId: &r.o.ID, IncludeDeprecated: aws.Bool(true),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return labels{}, fmt.Errorf("list the versions of the registry of keys: %w", err)
		}
		for _, v := range page.Versions {
			id := aws.ToString(v.VersionId)
			if slices.Contains(v.VersionStages, current) {
				l.current = id
			}
			if slices.Contains(v.VersionStages, candidate) {
				l.candidate = id
			}
			l.room.add(aws.ToTime(v.CreatedDate), len(v.VersionStages) > 0, now)
		}
	}
	slices.SortFunc(l.room.frees, time.Time.Compare)
	return l, nil
}

// Room tells how full the secret is with versions.
func (r *Registry) Room(ctx context.Context) (Room, error) {
	l, err := r.look(ctx)
	return l.room, err
}
