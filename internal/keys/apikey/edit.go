package apikey

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ErrTaken means that a key with that name exists, ErrUnknown that none does.
var (
	ErrTaken   = errors.New("a key with this name already exists")
	ErrUnknown = errors.New("no key has this name")
)

// Fingerprint identifies a key by its SHA-256 in hex, or by the first eight
// digits of it or more. The empty Fingerprint matches no key.
type Fingerprint string

// Matches reports whether the entry is for the key with this fingerprint.
func (f Fingerprint) Matches(k Key) bool {
	return f != "" && strings.HasPrefix(k.SHA256, string(f))
}

// The edits below return a new document and leave the receiver unchanged, so
// that a writer that lost a race can apply them to the document that it reads next.

// Current returns the newest entry with that name, which is not being rotated out.
func (d Document) Current(id string) (Key, bool) {
	for _, k := range slices.Backward(d.Keys) {
		if k.ID == id {
			return k, true
		}
	}
	return Key{}, false
}

// Add appends a key. It returns [ErrTaken] if the name is in use.
func (d Document) Add(k Key) (Document, error) {
	if _, taken := d.Current(k.ID); taken {
		return Document{}, fmt.Errorf("add key %q: %w", k.ID, ErrTaken)
	}
	d.Keys = append(slices.Clone(d.Keys), k)
	return d, nil
}

// Rotate appends the successor of the key with the same name. The old key stays
// valid until graceEnds, or until its own expiry if that is earlier.
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

// clockSkewMargin is subtracted from the revocation time so that a host with a
// slow clock does not accept the key.
const clockSkewMargin = 24 * time.Hour

// Revoke removes every entry with that name, those in their grace period
// included. An entry for the deployment key stays, expired before the given
// time: without it, the key would be the deployment key again, with all tools.
func (d Document) Revoke(id string, deployment Fingerprint, at time.Time) (Document, error) {
	if _, found := d.Current(id); !found {
		return Document{}, fmt.Errorf("revoke key %q: %w", id, ErrUnknown)
	}
	var kept []Key
	for _, k := range d.Keys {
		switch {
		case k.ID != id:
			kept = append(kept, k)
		case deployment.Matches(k):
			if !k.Expired(at.Add(-clockSkewMargin)) {
				k.Expires = at.Add(-clockSkewMargin)
			}
			kept = append(kept, k)
		}
	}
	d.Keys = kept
	return d, nil
}

// WithoutExpired splits off the expired entries, in order. An entry for the
// deployment key stays, for the reason given at [Document.Revoke].
func (d Document) WithoutExpired(now time.Time, deployment Fingerprint) (Document, []Key) {
	var kept, expired []Key
	for _, k := range d.Keys {
		if k.Expired(now) && !deployment.Matches(k) {
			expired = append(expired, k)
		} else {
			kept = append(kept, k)
		}
	}
	d.Keys = kept
	return d, expired
}
