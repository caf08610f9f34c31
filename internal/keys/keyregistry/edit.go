package keyregistry

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"serverless-mcp/internal/keys/apikey"
)

// An Edit makes the next document of the current one, which it leaves alone.
// Giving back the same document means that there is nothing to do.
type Edit func(apikey.Document) (apikey.Document, error)

// Adding adds keys, all or none. Names that are in use are all told at once,
// each by an error that is [apikey.ErrTaken].
func Adding(keys ...apikey.Key) Edit {
	again := false
	return func(d apikey.Document) (apikey.Document, error) {
		var problems []error
		for _, k := range keys {
			there, found := d.Current(k.ID)
			if again && found && there.SHA256 == k.SHA256 {
				continue // by an earlier call, whose answer was lost
			}
			next, err := add(d, k)
			problems = append(problems, err)
			if err == nil {
				d = next
			}
		}
		again = true
		return d, errors.Join(problems...)
	}
}

func add(d apikey.Document, k apikey.Key) (apikey.Document, error) {
	if k.ID == apikey.DefaultID {
		return apikey.Document{}, ErrReserved
	}
	return d.Add(k)
}

// Rotating puts a successor beside the current key of that name, which goes on
// working until graceEnds. The successor is made from the key that it follows.
func Rotating(id string, successor func(apikey.Key) (apikey.Key, error), graceEnds time.Time) Edit {
	var written string // hash of the successor
	return func(d apikey.Document) (apikey.Document, error) {
		now, found := d.Current(id)
		if !found {
			return apikey.Document{}, fmt.Errorf("rotate key %q: %w", id, apikey.ErrUnknown)
		}
		if now.SHA256 == written {
			return d, nil // by an earlier call, whose answer was lost
		}
		next, err := successor(now)
		if err != nil {
			return apikey.Document{}, err
		}
		next.ID, written = id, next.SHA256
		return d.Rotate(next, graceEnds)
	}
}

// Removal says how [Removing] goes about it.
type Removal struct {
	// Check is shown the entries first and may object; nil means that nobody looks.
	Check func(entries []apikey.Key) error
	// Stay is true of entries that are ended instead of dropped; nil means none.
	Stay func(apikey.Key) bool
	// At is now, for those that are ended; needed where there is a Stay.
	At time.Time
}

// Removing drops a key, with those of the same name that are in their grace.
func Removing(id string, r Removal) Edit {
	seen := false
	open := func(k apikey.Key) bool { return r.Stay == nil || !r.Stay(k) || !k.Principal().Expired(r.At) }
	return func(d apikey.Document) (apikey.Document, error) {
		var entries []apikey.Key
		for _, k := range d.Keys {
			if k.ID == id {
				entries = append(entries, k)
			}
		}
		if seen && !slices.ContainsFunc(entries, open) {
			return d, nil // by an earlier call, or by somebody else: it opens nothing
		}
		if entries != nil && r.Check != nil {
			if err := r.Check(entries); err != nil {
				return apikey.Document{}, err
			}
		}
		seen = true
		return d.Revoke(id, r.Stay, r.At)
	}
}

// Replacing puts another document in the place of whatever is there.
func Replacing(by apikey.Document) Edit {
	return func(apikey.Document) (apikey.Document, error) {
		for _, k := range by.Keys {
			if k.ID == apikey.DefaultID {
				return apikey.Document{}, ErrReserved
			}
		}
		return by, nil
	}
}
