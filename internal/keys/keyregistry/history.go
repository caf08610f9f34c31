package keyregistry

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"serverless-mcp/internal/keys/apikey"
)

// Entry is one version of the registry that Secrets Manager still has.
type Entry struct {
	Version string
	Created time.Time // by Secrets Manager's clock
	Current bool
	// Change is the record in the document. Recorded is false if the record is missing
	// or belongs to an earlier version: this version was not written by mcpctl, or by an
	// mcpctl that does not write records.
	Change   apikey.Change
	Recorded bool
	// What lists the changes since the version before, computed from both documents.
	// Compared is false if that version no longer exists.
	What     []string
	Compared bool
	// Problem says why the version is not a key document; empty means that it is one.
	Problem string
}

// Mismatch reports whether a record lists other changes than the documents show.
func (e Entry) Mismatch() bool {
	listed := len(e.Change.What)
	return e.Recorded && e.Compared && (e.Change.More < 0 || len(e.What) != listed+e.Change.More || !slices.Equal(e.What[:listed], e.Change.What))
}

// History returns the versions that Secrets Manager still has, the oldest first.
// Secrets Manager keeps about 100 versions, and each for at least a day. They include
// versions that lost a race against another writer and were never current.
func (r *Registry) History(ctx context.Context) ([]Entry, error) {
	var entries []Entry
	pages := secretsmanager.NewListSecretVersionIdsPaginator(r.o.Secrets, &secretsmanager.ListSecretVersionIdsInput{
		SecretId: &r.o.ID, IncludeDeprecated: aws.Bool(true),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the versions of the key registry: %w", err)
		}
		for _, v := range page.Versions {
			entries = append(entries, Entry{
				Version: aws.ToString(v.VersionId), Created: aws.ToTime(v.CreatedDate), Current: slices.Contains(v.VersionStages, current),
			})
		}
	}
	slices.SortStableFunc(entries, func(a, b Entry) int { return a.Created.Compare(b.Created) })
	documents := map[string]apikey.Document{"": {}}
	for i := range entries {
		if err := r.readVersion(ctx, &entries[i], documents); err != nil {
			return nil, err
		}
	}
	for i := range entries {
		entries[i].compare(entries[:i], documents)
	}
	return entries, nil
}

// readVersion reads the document of a version.
func (r *Registry) readVersion(ctx context.Context, e *Entry, documents map[string]apikey.Document) error {
	out, err := r.o.Secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &r.o.ID, VersionId: &e.Version})
	if err != nil {
		return fmt.Errorf("read version %s of the key registry: %w", e.Version, err)
	}
	d, err := apikey.ParseDocument([]byte(aws.ToString(out.SecretString)))
	if err != nil {
		e.Problem = "not a key document"
		return nil
	}
	documents[e.Version] = d
	e.Change, _ = d.LastChange()
	// A writer without support for records keeps the record of the version before.
	e.Recorded = e.Change.Version == e.Version
	return nil
}

// compare sets What and Compared. It compares the entry with the version that its record
// names, or otherwise with the version before.
func (e *Entry) compare(earlier []Entry, documents map[string]apikey.Document) {
	after, ok := documents[e.Version]
	if !ok {
		return
	}
	base := ""
	switch {
	case e.Recorded:
		base = e.Change.Previous
	case len(earlier) > 0:
		base = earlier[len(earlier)-1].Version
	}
	before, ok := documents[base]
	if !ok || base == "" && len(earlier) > 0 {
		return
	}
	if base == "" && !e.Recorded {
		return // the oldest version that still exists: its predecessor is unknown
	}
	e.What, e.Compared = apikey.Differences(before, after), true
}
