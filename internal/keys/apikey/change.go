package apikey

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// changeField is the field of a document with its [Change]. Every reader that ignores
// unknown fields ignores it, including version 0.1.0.
const changeField = "x-change"

// Change is the record of the change that made a version of the document.
type Change struct {
	Version  string    `json:"version"`        // id of the secret's version that holds this document
	Previous string    `json:"previous"`       // id of the version before the change; "" for the first
	At       time.Time `json:"at"`             // when it was written, by the writer's clock
	By       string    `json:"by"`             // ARN of the writer; "" if it is unknown
	Tool     string    `json:"tool"`           // the program and its version, such as "mcpctl 0.1.0"
	What     []string  `json:"what"`           // as [Differences] returns them, at most [maxWhat]
	More     int       `json:"more,omitempty"` // number of differences beyond What
}

// maxWhat limits what a record lists, so that an import of many keys does not fill the
// document.
const maxWhat = 20

// LastChange returns the record of the change that made the document; false if it has
// none or an unreadable one. A record never makes a document invalid.
func (d Document) LastChange() (Change, bool) {
	var c Change
	raw, ok := d.Extra[changeField]
	return c, ok && json.Unmarshal(raw, &c) == nil && c.Version != ""
}

// WithChange returns the document with the record of a change, which replaces the
// record of an earlier change.
func (d Document) WithChange(c Change) Document {
	if n := len(c.What); n > maxWhat {
		c.What, c.More = c.What[:maxWhat], n-maxWhat
	}
	raw, err := json.Marshal(c)
	if err != nil {
		panic(err) // cannot happen: strings and a time of this century
	}
	d.Extra = maps.Clone(d.Extra)
	if d.Extra == nil {
		d.Extra = map[string]json.RawMessage{}
	}
	d.Extra[changeField] = raw
	return d
}

// WithoutChange returns the document without the record of its change, which applies
// only to the secret's version that it names.
func (d Document) WithoutChange() Document {
	if _, ok := d.Extra[changeField]; ok {
		d.Extra = maps.Clone(d.Extra)
		if delete(d.Extra, changeField); len(d.Extra) == 0 {
			d.Extra = nil
		}
	}
	return d
}

// Differences lists what changed from one document to another, by key: "add alice",
// "remove bob", "rotate carol", "expire dora" (a new expiry), "limit eli" (other
// limits), "scope fay" (other tools), "note gil" and "change hal" (anything else).
func Differences(before, after Document) []string {
	var all []string
	names := map[string]bool{}
	for _, k := range slices.Concat(before.Keys, after.Keys) {
		names[k.ID] = true
	}
	for _, id := range slices.Sorted(maps.Keys(names)) {
		for _, verb := range compareKeys(before.named(id), after.named(id)) {
			all = append(all, fmt.Sprintf("%s %s", verb, id))
		}
	}
	return all
}

// named returns the entries with a name by their hashes.
func (d Document) named(id string) map[string]Key {
	entries := map[string]Key{}
	for _, k := range d.Keys {
		if k.ID == id {
			entries[k.SHA256] = k
		}
	}
	return entries
}

// compareKeys returns verbs for the differences between the entries of one name.
func compareKeys(before, after map[string]Key) []string {
	verbs := map[string]bool{}
	for hash, k := range after {
		if old, ok := before[hash]; ok {
			compareKey(verbs, old, k)
			continue
		}
		if len(before) > 0 {
			verbs["rotate"] = true
		} else {
			verbs["add"] = true
		}
	}
	for hash := range before {
		if _, still := after[hash]; still {
			continue
		}
		if len(after) == 0 {
			verbs["remove"] = true
		} else {
			verbs["drop an earlier key of"] = true
		}
	}
	if verbs["rotate"] {
		delete(verbs, "expire") // the grace period of the old key
	}
	return slices.Sorted(maps.Keys(verbs))
}

func compareKey(verbs map[string]bool, old, k Key) {
	known := len(verbs)
	if !old.Expires.Equal(k.Expires) {
		verbs["expire"] = true
	}
	if (old.Tools == nil) != (k.Tools == nil) || !slices.Equal(old.Tools, k.Tools) {
		verbs["scope"] = true
	}
	if old.Limits != k.Limits {
		verbs["limit"] = true
	}
	if old.Note != k.Note {
		verbs["note"] = true
	}
	a, _ := json.Marshal(old) // the types are those of this package
	b, _ := json.Marshal(k)
	if len(verbs) == known && string(a) != string(b) {
		verbs["change"] = true
	}
}
