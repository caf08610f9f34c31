package keyregistry

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"serverless-mcp/internal/keys/apikey"
)

const (
	current   = "AWSCURRENT"
	previous  = "AWSPREVIOUS"
	candidate = "MCPCTLCANDIDATE" // what is put, before it is current

	attempts = 40
	maxPause = 2 * time.Second
	minPause = 50 * time.Millisecond
)

// Written is what became of a change.
type Written struct {
	Snapshot
	Changed bool         // false: the registry was as wanted already
	At      time.Time    // no reader that starts later sees an older registry
	Dropped []apikey.Key // expired keys that had to make room
	Room    Room         // with the version that was written
}

// Change applies an edit to the registry and writes it. Where somebody else
// wrote meanwhile, it applies the edit to what they wrote: an edit may be called
// several times, and must find out by itself that an earlier call of it went
// through though the answer was lost.
func (r *Registry) Change(ctx context.Context, p Purpose, edit Edit) (Written, error) {
	stalled := "" // a candidate that somebody else put and does not make current
	for attempt := range attempts {
		if err := r.pause(ctx, attempt); err != nil {
			return Written{}, err
		}
		base, err := r.Read(ctx)
		if err != nil {
			return Written{}, err
		}
		next, dropped, err := r.apply(ctx, edit, base)
		if err != nil {
			return Written{}, err
		}
		l, err := r.look(ctx)
		switch {
		case err != nil:
			return Written{}, err
		case next.text == base.text:
			return Written{Snapshot: base, At: r.o.Now(), Room: l.room}, nil
		case l.current != base.Version:
			continue // lost already, without having burnt a version
		case l.candidate != l.current && l.candidate != stalled:
			stalled = l.candidate // its writer is about to win, or was killed
			continue
		}
		if err := l.room.check(p); err != nil {
			return Written{}, err
		}
		won, err := r.swap(ctx, base.Version, &next)
		if err != nil {
			return Written{}, fullError(err, l.room, p)
		}
		if won {
			l.room.Versions++
			return Written{Snapshot: next, Changed: true, At: r.o.Now(), Dropped: dropped, Room: l.room}, nil
		}
	}
	return Written{}, ErrContended
}

// apply makes the next document. Only where it does not fit, the expired keys
// are dropped from it, but for those that have to stay.
func (r *Registry) apply(ctx context.Context, edit Edit, base Snapshot) (Snapshot, []apikey.Key, error) {
	d, err := edit(base.Document)
	if err != nil {
		return Snapshot{}, nil, err
	}
	text, err := d.Marshal()
	if !errors.Is(err, apikey.ErrTooLarge) {
		return Snapshot{Document: d, text: string(text)}, nil, err
	}
	wanted := len(d.Keys)
	stay := func(k apikey.Key) bool { return r.o.Stay != nil && r.o.Stay(ctx, k) }
	d, dropped := d.WithoutExpired(r.o.Now(), stay)
	if text, err = d.Marshal(); errors.Is(err, apikey.ErrTooLarge) {
		return Snapshot{}, nil, &TooLargeError{Keys: wanted, Fit: fit(base)}
	}
	return Snapshot{Document: d, text: string(text)}, dropped, err
}

func fit(s Snapshot) int { return len(s.Document.Keys) + s.RoomFor() }

// swap puts the document and makes it current, if the version from still is.
// False means that another writer was faster.
func (r *Registry) swap(ctx context.Context, from string, next *Snapshot) (won bool, err error) {
	next.Version = newVersion() // named by us, so that a repeated call makes no second one
	put, err := r.o.Secrets.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId: &r.o.ID, ClientRequestToken: &next.Version,
		SecretString: &next.text, VersionStages: []string{candidate},
	})
	if err != nil {
		return false, fmt.Errorf("put the registry of keys: %w", err)
	}
	// The first version ever is current at once, whatever it is put with.
	if slices.Contains(put.VersionStages, current) {
		return true, nil
	}
	move := &secretsmanager.UpdateSecretVersionStageInput{
		SecretId: &r.o.ID, VersionStage: aws.String(current), MoveToVersionId: &next.Version,
	}
	if from != "" { // without it the call succeeds only while no version is current
		move.RemoveFromVersionId = &from
	}
	if _, err = r.o.Secrets.UpdateSecretVersionStage(ctx, move); err == nil {
		return true, nil
	}
	return r.moved(ctx, from, next.Version, err)
}

// moved finds out what a move came to whose answer was a refusal, or was lost.
// Messages are not compared: where the label is says it all.
func (r *Registry) moved(ctx context.Context, from, to string, cause error) (won bool, err error) {
	secret, err := r.o.Secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &r.o.ID})
	if err != nil {
		return false, fmt.Errorf("whether the registry of keys was changed is not known, look before you try again: make version %s current: %w", to, errors.Join(cause, err))
	}
	on := ""
	for id, stages := range secret.VersionIdsToStages {
		if slices.Contains(stages, current) {
			on = id
		}
	}
	switch {
	case on == to, slices.Contains(secret.VersionIdsToStages[to], previous): // was current, and has a successor
		return true, nil
	case on != from:
		return false, nil
	}
	return false, fmt.Errorf("make version %s of the registry of keys current: %w", to, cause)
}

// pause waits a random time that grows with the attempts, so that writers who
// met once do not meet again.
func (r *Registry) pause(ctx context.Context, attempt int) error {
	if attempt == 0 {
		return ctx.Err()
	}
	most := min(maxPause, minPause<<min(attempt, 10))
	return r.o.Sleep(ctx, time.Duration(r.o.Random()*float64(most)))
}

// fullError puts Secrets Manager's own refusal into our words.
func fullError(err error, room Room, p Purpose) error {
	var limit *types.LimitExceededException
	if errors.As(err, &limit) {
		return &FullError{Versions: max(room.Versions, Quota), Until: room.until(room.Versions), Purpose: p}
	}
	return err
}

// newVersion is a random UUID, as version ids are.
func newVersion() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
