package keyregistry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"serverless-mcp/internal/keys/apikey"
)

// Edit returns the next document for the current one, which it leaves unchanged.
// Returning the same document means that there is nothing to write.
type Edit func(apikey.Document) (apikey.Document, error)

// Adding adds all of the keys or none. Its error joins an [apikey.ErrTaken] for
// each name that is in use.
func Adding(keys ...apikey.Key) Edit {
	again := false
	return func(d apikey.Document) (apikey.Document, error) {
		var problems []error
		for _, k := range keys {
			existing, found := d.Current(k.ID)
			if again && found && existing.SHA256 == k.SHA256 {
				continue // written by an earlier attempt whose response was lost
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

// Rotating adds a successor to the current key with that name; the current key stays
// valid until graceEnds. The function successor returns the successor of a key.
func Rotating(id string, successor func(apikey.Key) (apikey.Key, error), graceEnds time.Time) Edit {
	var written string // hash of the successor
	return func(d apikey.Document) (apikey.Document, error) {
		now, found := d.Current(id)
		if !found {
			return apikey.Document{}, fmt.Errorf("rotate key %q: %w", id, apikey.ErrUnknown)
		}
		if now.SHA256 == written {
			return d, nil // written by an earlier attempt whose response was lost
		}
		next, err := successor(now)
		if err != nil {
			return apikey.Document{}, err
		}
		next.ID, written = id, next.SHA256
		return d.Rotate(next, graceEnds)
	}
}

// Limiting changes the limits of all keys with that name, including those in their grace
// period, because calls are counted by name.
func Limiting(id string, change func(apikey.Limits) (apikey.Limits, error)) Edit {
	return func(d apikey.Document) (apikey.Document, error) {
		now, found := d.Current(id)
		if !found {
			return apikey.Document{}, fmt.Errorf("limit key %q: %w", id, apikey.ErrUnknown)
		}
		limits, err := change(now.Limits)
		if err != nil {
			return apikey.Document{}, err
		}
		d.Keys = slices.Clone(d.Keys)
		for i := range d.Keys {
			if d.Keys[i].ID == id {
				d.Keys[i].Limits = limits
			}
		}
		return d, nil
	}
}

// Removing revokes all keys with that name, including those in their grace period; see
// [apikey.Document.Revoke]. The function check is called first with the entries, and
// its error stops the change; nil means no check.
func (r *Registry) Removing(ctx context.Context, id string, check func(entries []apikey.Key) error) Edit {
	at := r.o.Now().UTC().Truncate(time.Second)
	checked := false
	return func(d apikey.Document) (apikey.Document, error) {
		deployment := r.DeploymentKey(ctx)
		accepted := func(k apikey.Key) bool { return !deployment.Matches(k) || !k.Expired(at) }
		var entries []apikey.Key
		for _, k := range d.Keys {
			if k.ID == id {
				entries = append(entries, k)
			}
		}
		if checked && !slices.ContainsFunc(entries, accepted) {
			return d, nil // revoked by an earlier attempt, or by another writer
		}
		if entries != nil && check != nil {
			if err := check(entries); err != nil {
				return apikey.Document{}, err
			}
		}
		checked = true
		return d.Revoke(id, deployment, at)
	}
}

// Replacing replaces the current document, whatever it is.
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
