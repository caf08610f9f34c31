// Package keyregistry changes the document of issued keys in AWS Secrets
// Manager so that no change is ever lost, though several people write at once
// and any of them may be killed in between. serverless-mcp/internal/keys/keystore
// reads what is written here.
//
// Secrets Manager has no conditional write. It has staging labels, of which
// each is on one version, and AWSCURRENT moves only for a caller that names the
// version it is on. So a change is: read the current version; put the changed
// document as a new version with a label of our own, the candidate; move
// AWSCURRENT from the version that was read to the new one. Who finds that it
// has moved meanwhile starts again. A writer that is killed before the move
// leaves the old document current, and after it the new one.
//
// Versions younger than a day are never removed and there may be about 100, so
// writers that race each other, or a script that runs wild, could fill the
// secret and block a revocation for a day. Hence one candidate label for all,
// a look before each put, and the last versions kept for revoking ([Purpose]).
package keyregistry

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"serverless-mcp/internal/keys/apikey"
)

// Options of a [Registry].
type Options struct {
	Secrets *secretsmanager.Client // required
	ID      string                 // id or ARN of the secret with the issued keys; required
	// Stay is true of keys whose entry is not dropped to make room, though it has
	// ended; it is asked only where room is needed. Nil means none.
	Stay func(ctx context.Context, k apikey.Key) bool

	Now    func() time.Time                                 // nil means time.Now
	Sleep  func(ctx context.Context, d time.Duration) error // waits, or ends with the context's error; nil means by the wall clock
	Random func() float64                                   // in [0,1), spreads retries; nil means math/rand
}

// Registry is the document of issued keys. Many may change it at once, from
// this process and others.
type Registry struct{ o Options }

// New makes a registry. It reads nothing yet.
func New(o Options) *Registry {
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

// Snapshot is the registry at some moment.
type Snapshot struct {
	Document apikey.Document
	Version  string // id of the version; "" where no key has ever been issued

	text string
}

// typicalEntry is the size of an entry with a short name, dates and two tools.
const typicalEntry = 160

// RoomFor is about how many more keys fit, going by the size of those that are
// there.
func (s Snapshot) RoomFor() int {
	size := typicalEntry
	if n := len(s.Document.Keys); n > 0 {
		size = len(s.text) / n
	}
	return (apikey.MaxDocument - len(s.text)) / size
}

// sleep waits by the wall clock.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
