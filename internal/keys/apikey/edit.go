package apikey

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrTaken means that a key of that name exists; ErrUnknown that none does.
var (
	ErrTaken   = errors.New("there is a key of that name already")
	ErrUnknown = errors.New("there is no key of that name")
)

// The edits below return a new document and leave the old one as it is, so that
// a writer that lost a race can start again from what it reads then.

// Current is the entry of that name which is not being rotated out.
func (d Document) Current(id string) (Key, bool) {
	for _, k := range slices.Backward(d.Keys) {
		if k.ID == id {
			return k, true
		}
	}
	return Key{}, false
}

// Add appends a key whose name is not in use.
func (d Document) Add(k Key) (Document, error) {
	if _, taken := d.Current(k.ID); taken {
		return Document{}, fmt.Errorf("add key %q: %w", k.ID, ErrTaken)
	}
	d.Keys = append(slices.Clone(d.Keys), k)
	return d, nil
}

// Rotate appends the successor of the key of the same name. The key that it
// replaces goes on working until the grace ends, or until its own expiry where
// that comes first.
func (d Document) Rotate(next Key, graceEnds time.Time) (Document, error) {
	if _, found := d.Current(next.ID); !found {
		return Document{}, fmt.Errorf("rotate key %q: %w", next.ID, ErrUnknown)
	}
	d.Keys = slices.Clone(d.Keys)
	for i, k := range d.Keys {
		if k.ID == next.ID && (k.Expires.IsZero() || k.Expires.After(graceEnds)) {
			d.Keys[i].Expires = graceEnds
		}
	}
	d.Keys = append(d.Keys, next)
	return d, nil
}

// longAgo is how much earlier than the given time an entry is made to end, so
// that no clock that is behind lets it in for a while.
const longAgo = 24 * time.Hour

// Revoke drops every entry of that name, those in their grace included. Those
// that stay is true of are kept, but have ended before the given time; nil means
// that all are dropped. Without its entry, a key that the deployment has too
// would be that one again, with all tools.
func (d Document) Revoke(id string, stay func(Key) bool, at time.Time) (Document, error) {
	if _, found := d.Current(id); !found {
		return Document{}, fmt.Errorf("remove key %q: %w", id, ErrUnknown)
	}
	var kept []Key
	for _, k := range d.Keys {
		switch {
		case k.ID != id:
			kept = append(kept, k)
		case stay != nil && stay(k):
			if !k.Principal().Expired(at.Add(-longAgo)) {
				k.Expires = at.Add(-longAgo)
			}
			kept = append(kept, k)
		}
	}
	d.Keys = kept
	return d, nil
}

// WithoutExpired parts the document from the entries that have ended, in order,
// but for those that stay is true of; nil means none.
func (d Document) WithoutExpired(now time.Time, stay func(Key) bool) (Document, []Key) {
	var kept, expired []Key
	for _, k := range d.Keys {
		if k.Principal().Expired(now) && (stay == nil || !stay(k)) {
			expired = append(expired, k)
		} else {
			kept = append(kept, k)
		}
	}
	d.Keys = kept
	return d, expired
}
