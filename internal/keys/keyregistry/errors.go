package keyregistry

import (
	"errors"
	"fmt"
	"time"
)

var (
	// ErrNotKeyDocument means that the secret has a value of another kind. It is
	// never overwritten, since it may be someone's work.
	ErrNotKeyDocument = errors.New("the issued-keys secret does not contain a key document; refusing to overwrite it")
	// ErrContended means that at each attempt another writer was faster.
	ErrContended = errors.New("other writers keep changing the key registry at the same time; nothing was changed, try again")
	// ErrNotUnderstood means that the deployed version does not understand a
	// restriction: it would deny the key, or ignore the restriction.
	ErrNotUnderstood = errors.New("the deployed version does not understand a restriction of the key; deploy this version first")
	// ErrReserved means that a name belongs to the deployment key.
	ErrReserved = errors.New(`the name "default" is reserved for the deployment key`)
)

// FullError means that the secret has too many versions from the last 24 hours.
type FullError struct {
	Versions int
	Until    time.Time // when the next version can be written; zero means unknown
	Purpose  Purpose
}

// Error implements error.
func (e *FullError) Error() string {
	text := fmt.Sprintf("the key registry was written too often: it has %d versions, and Secrets Manager keeps each for at least 24 hours", e.Versions)
	if e.Purpose != Revoking {
		text += fmt.Sprintf("; the last %d of %d are reserved for revoking", Quota-StopAt, Quota)
	}
	if !e.Until.IsZero() {
		text += "; try again at " + e.Until.UTC().Format("2006-01-02 15:04 MST")
	}
	return text
}

// TooLargeError means that a document does not fit into a secret, even without
// its expired keys.
type TooLargeError struct {
	Keys int // number of keys that it would have had
	Fit  int // approximate number of keys of that size that fit
}

// Error implements error.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the key registry is full: %d keys exceed the 64 KB of a secret, which hold about %d of this size; revoke some, or shorten their notes and lists of tools", e.Keys, e.Fit)
}
