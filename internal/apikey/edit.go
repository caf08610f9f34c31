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

// Remove drops every entry of that name, those in their grace included.
func (d Document) Remove(id string) (Document, error) {
	if _, found := d.Current(id); !found {
		return Document{}, fmt.Errorf("remove key %q: %w", id, ErrUnknown)
	}
	d.Keys = slices.DeleteFunc(slices.Clone(d.Keys), func(k Key) bool { return k.ID == id })
	return d, nil
}

// WithoutExpired parts the document from the entries that have ended, in order.
func (d Document) WithoutExpired(now time.Time) (Document, []Key) {
	var kept, expired []Key
	for _, k := range d.Keys {
		if k.Principal().Expired(now) {
			expired = append(expired, k)
		} else {
			kept = append(kept, k)
		}
	}
	d.Keys = kept
	return d, expired
}
