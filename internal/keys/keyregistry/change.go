package keyregistry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/google/uuid"

	"serverless-mcp/internal/keys/apikey"
)

const (
	current   = "AWSCURRENT"
	previous  = "AWSPREVIOUS"
	candidate = "MCPCTLCANDIDATE" // on a version between its put and its promotion

	attempts = 40
	maxPause = 2 * time.Second
	minPause = 50 * time.Millisecond
)

// ChangeResult is the outcome of [Registry.Change].
type ChangeResult struct {
	Snapshot
	Changed  bool            // false means that the edit changed nothing
	At       time.Time       // a read that begins later returns this change or a newer one
	Dropped  []apikey.Key    // expired entries removed to stay below the 64 KB limit
	Capacity VersionCapacity // including the version that was written
}

// Change applies an edit to the registry and writes the result. If another writer
// was faster, Change applies the edit again, to the document that this writer wrote. So
// an edit may be called several times, and must recognize its own change in a document
// that was written although the response was lost.
func (r *Registry) Change(ctx context.Context, p Purpose, edit Edit) (ChangeResult, error) {
	stalled := "" // a candidate that another writer put but has not promoted
	for attempt := range attempts {
		if err := r.pause(ctx, attempt); err != nil {
			return ChangeResult{}, err
		}
		base, err := r.Read(ctx)
		if err != nil {
			return ChangeResult{}, err
		}
		next, dropped, err := r.apply(ctx, p, edit, base)
		if err != nil {
			return ChangeResult{}, err
		}
		v, err := r.listVersions(ctx)
		switch {
		case err != nil:
			return ChangeResult{}, err
		case next.Version == "":
			return ChangeResult{Snapshot: base, At: r.o.Now(), Capacity: v.capacity}, nil
		case v.current != base.Version:
			continue // another writer was faster; no version was used up
		case v.candidate != v.current && v.candidate != stalled:
			stalled = v.candidate // its writer is about to promote it, or was killed
			continue
		}
		if err := v.capacity.check(p); err != nil {
			return ChangeResult{}, err
		}
		won, err := r.promote(ctx, base.Version, &next)
		if err != nil {
			return ChangeResult{}, fullError(err, v.capacity, p)
		}
		if won {
			v.capacity.Versions++
			return ChangeResult{Snapshot: next, Changed: true, At: r.o.Now(), Dropped: dropped, Capacity: v.capacity}, nil
		}
	}
	return ChangeResult{}, ErrContended
}

// apply returns the next document and its version, which is "" if the edit changes
// nothing. It drops expired entries only if the document does not fit otherwise, and omits
// the record only if a key could not be revoked otherwise.
func (r *Registry) apply(ctx context.Context, p Purpose, edit Edit, base Snapshot) (Snapshot, []apikey.Key, error) {
	d, err := edit(base.Document)
	if err != nil {
		return Snapshot{}, nil, err
	}
	if err := r.checkUnderstood(base.Document, d); err != nil {
		return Snapshot{}, nil, err
	}
	if sameKeys(base, d) {
		return base.unchanged(), nil, nil
	}
	version := uuid.NewString() // the client request token, so that a retry creates no second version
	d = r.recorded(ctx, base, d, version)
	text, err := d.Marshal()
	if !errors.Is(err, apikey.ErrTooLarge) {
		return Snapshot{Document: d, Version: version, text: string(text)}, nil, err
	}
	wanted := len(d.Keys)
	d, dropped := d.WithoutExpired(r.o.Now(), r.DeploymentKey(ctx))
	d = r.recorded(ctx, base, d, version)
	text, err = d.Marshal()
	if errors.Is(err, apikey.ErrTooLarge) && p == Revoking {
		d = d.WithoutChange()
		text, err = d.Marshal()
	}
	if errors.Is(err, apikey.ErrTooLarge) {
		return Snapshot{}, nil, &TooLargeError{Keys: wanted, Fit: len(base.Document.Keys) + base.KeysThatFit()}
	}
	return Snapshot{Document: d, Version: version, text: string(text)}, dropped, err
}

// sameKeys reports whether a document equals the snapshot's, except for the record.
func sameKeys(base Snapshot, d apikey.Document) bool {
	if base.text == "" {
		return false
	}
	before, err1 := base.Document.WithoutChange().Marshal()
	after, err2 := d.WithoutChange().Marshal()
	return err1 == nil && err2 == nil && string(before) == string(after)
}

// unchanged returns the snapshot without a version.
func (s Snapshot) unchanged() Snapshot {
	s.Version = ""
	return s
}

// recorded returns the document with the record of its change.
func (r *Registry) recorded(ctx context.Context, base Snapshot, d apikey.Document, version string) apikey.Document {
	if r.o.Author == nil {
		return d
	}
	return d.WithChange(apikey.Change{
		Version: version, Previous: base.Version, At: r.o.Now().UTC().Truncate(time.Second),
		By: r.o.Author(ctx), Tool: r.o.Tool, What: apikey.Differences(base.Document, d),
	})
}

// checkUnderstood rejects restrictions that the deployed version would ignore, unless
// the document already has them: revoking must be possible after a roll-back.
func (r *Registry) checkUnderstood(before, after apikey.Document) error {
	old := map[string][]string{} // the restrictions that are ignored, by hash
	for _, k := range before.Keys {
		old[k.SHA256] = k.Ignored(r.o.Fields)
	}
	for _, k := range after.Keys {
		for _, name := range k.Ignored(r.o.Fields) {
			if !slices.Contains(old[k.SHA256], name) {
				return fmt.Errorf("restrict key %q by %q: %w", k.ID, name, ErrNotUnderstood)
			}
		}
	}
	return nil
}

// promote puts the document as a new version and makes it current, provided that the
// version from is still current. It returns false if another writer was faster.
func (r *Registry) promote(ctx context.Context, from string, next *Snapshot) (won bool, err error) {
	put, err := r.o.Secrets.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId: &r.o.ID, ClientRequestToken: &next.Version,
		SecretString: &next.text, VersionStages: []string{candidate},
	})
	if err != nil {
		return false, fmt.Errorf("write the key registry: %w", err)
	}
	// The first version of a secret becomes current at once, whatever its labels.
	if slices.Contains(put.VersionStages, current) {
		return true, nil
	}
	move := &secretsmanager.UpdateSecretVersionStageInput{
		SecretId: &r.o.ID, VersionStage: aws.String(current), MoveToVersionId: &next.Version,
	}
	if from != "" { // if unset, the call succeeds only while no version is current
		move.RemoveFromVersionId = &from
	}
	if _, err = r.o.Secrets.UpdateSecretVersionStage(ctx, move); err == nil {
		return true, nil
	}
	return r.confirmMove(ctx, from, next.Version, err)
}

// confirmMove determines from the staging labels whether an UpdateSecretVersionStage
// that failed or timed out took effect. It does not rely on error messages.
func (r *Registry) confirmMove(ctx context.Context, from, to string, cause error) (won bool, err error) {
	secret, err := r.o.Secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &r.o.ID})
	if err != nil {
		return false, fmt.Errorf("make version %s of the key registry current, with unknown outcome (list the keys before you try again): %w", to, errors.Join(cause, err))
	}
	on := ""
	for id, stages := range secret.VersionIdsToStages {
		if slices.Contains(stages, current) {
			on = id
		}
	}
	switch {
	case on == to, slices.Contains(secret.VersionIdsToStages[to], previous): // it was current and has a successor
		return true, nil
	case on != from:
		return false, nil
	}
	return false, fmt.Errorf("make version %s of the key registry current: %w", to, cause)
}

// pause waits for a random time that grows with the attempts, so that writers that
// collided once do not collide again.
func (r *Registry) pause(ctx context.Context, attempt int) error {
	if attempt == 0 {
		return ctx.Err()
	}
	limit := min(maxPause, minPause<<min(attempt, 10))
	return r.o.Sleep(ctx, time.Duration(r.o.Random()*float64(limit)))
}

// fullError turns Secrets Manager's quota error into a [FullError].
func fullError(err error, c VersionCapacity, p Purpose) error {
	var limit *types.LimitExceededException
	if errors.As(err, &limit) {
		return &FullError{Versions: max(c.Versions, Quota), Until: c.availableAt(c.Versions), Purpose: p}
	}
	return err
}
