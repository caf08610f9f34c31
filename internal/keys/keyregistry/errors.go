package keyregistry

import (
	"errors"
	"fmt"
	"time"
)

var (
	// ErrGarbage means that the secret holds something else than a key
	// document. It is never overwritten: it may be somebody's work.
	ErrGarbage = errors.New("the registry of keys holds no key document, and is left as it is")
	// ErrContended means that others kept on writing in between.
	ErrContended = errors.New("others keep changing the registry of keys at the same moment; nothing was changed, try again")
	// ErrReserved means that a name belongs to the deployment's key.
	ErrReserved = errors.New(`the name "default" belongs to the deployment's key`)
)

// FullError means that the secret has had too many versions within a day.
type FullError struct {
	Versions int
	Until    time.Time // when there is room again; zero means not known
	Purpose  Purpose
}

// Error implements error.
func (e *FullError) Error() string {
	text := fmt.Sprintf("the registry of keys was written too often: it has %d versions, and Secrets Manager removes none before it is 24 hours old", e.Versions)
	if e.Purpose != Revoking {
		text += fmt.Sprintf("; the last %d of %d are kept for revoking", Quota-StopAt, Quota)
	}
	if !e.Until.IsZero() {
		text += "; there is room again at " + e.Until.UTC().Format("2006-01-02 15:04 MST")
	}
	return text
}

// TooLargeError means that a document does not fit into a secret, even without
// its expired keys.
type TooLargeError struct {
	Keys int // that it would have had
	Fit  int // of that size, about
}

// Error implements error.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the registry of keys is full: %d keys would not fit into the 64 KB of a secret, which hold about %d of this size; revoke some, or shorten their notes and lists of tools", e.Keys, e.Fit)
}
