// Package keyregistry changes the document of issued keys in AWS Secrets Manager
// so that no change is lost when several people write at the same time or a
// writer is killed. serverless-mcp/internal/keys/keystore reads what this package
// writes.
//
// Secrets Manager has no conditional write. It has staging labels: each label is
// on one version, and AWSCURRENT moves only if the caller names the version that
// has it. So a change has three steps: read the current version; put the
// changed document as a new version with our own label, the candidate; move
// AWSCURRENT from the version that was read to the new one. A writer that finds
// AWSCURRENT elsewhere starts again. A writer that is killed before the move
// leaves the old document current, and after the move the new one.
//
// Secrets Manager keeps every version for a day and has a quota of about 100, so
// racing writers or a runaway script could fill the secret and block revocation
// for a day. Hence there is one candidate label for all writers, versions are
// listed before each put, and the last versions are reserved for revoking
// ([Purpose]).
package keyregistry

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"serverless-mcp/internal/keys/apikey"
)

// Options of a [Registry].
type Options struct {
	Secrets *secretsmanager.Client // required
	ID      string                 // id or ARN of the secret with the issued keys; required

	// DeploymentKey returns the fingerprint of the deployment key, or "" if there is
	// none or it cannot be determined. An issued entry for the same key restricts it
	// and is therefore never removed, only expired. The registry calls the function
	// once, before the first change that could remove an entry. Nil means "".
	DeploymentKey func(ctx context.Context) apikey.Fingerprint

	// Fields are the fields of an entry that the deployed version understands, see
	// [apikey.Fields]. A change that adds any other restriction fails with
	// [ErrNotUnderstood], because the deployed version would deny the key or ignore the
	// restriction. Nil means the fields of this version.
	Fields []string

	// Author returns the ARN of the principal that changes the registry, or "" if it is
	// unknown, for the record in the document ([apikey.Change]). Nil means that changes
	// are not recorded.
	Author func(ctx context.Context) string
	// Tool is the program that changes the registry, with its version, for the record.
	Tool string

	Now    func() time.Time                                 // nil means time.Now
	Sleep  func(ctx context.Context, d time.Duration) error // returns early with the context's error; nil means by the wall clock
	Random func() float64                                   // in [0,1), spreads retries; nil means math/rand
}

// Registry is the document of issued keys. Any number of goroutines and
// processes may change it at the same time.
type Registry struct {
	o Options

	once       sync.Once
	deployment apikey.Fingerprint
}

// New returns a registry, without reading anything.
func New(o Options) *Registry {
	if o.Fields == nil {
		o.Fields = apikey.Fields()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	return &Registry{o: o}
}

// DeploymentKey returns the fingerprint of the deployment key, or "".
func (r *Registry) DeploymentKey(ctx context.Context) apikey.Fingerprint {
	r.once.Do(func() {
		if r.o.DeploymentKey != nil {
			r.deployment = r.o.DeploymentKey(ctx)
		}
	})
	return r.deployment
}

// Snapshot is the registry at one moment.
type Snapshot struct {
	Document apikey.Document
	Version  string // id of the version; "" if no key has ever been issued

	text string
}

// typicalEntry is the size of an entry with a short name, dates and two tools.
const typicalEntry = 160

// KeysThatFit estimates how many more keys fit, from the average size of the
// existing entries.
func (s Snapshot) KeysThatFit() int {
	size := typicalEntry
	if n := len(s.Document.Keys); n > 0 {
		size = len(s.text) / n
	}
	return (apikey.MaxDocument - len(s.text)) / size
}

// sleep waits by the wall clock.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
