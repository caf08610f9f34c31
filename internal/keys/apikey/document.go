package apikey

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// MaxDocument is the maximum size of a key document in bytes: the limit of a value
// in Secrets Manager. It holds about 400 keys.
const MaxDocument = 64 * 1024

// Document lists the issued keys by their hashes:
//
//	{"keys":[{"id":"alice","sha256":"<64 hex>","created":"2026-11-21T09:00:00Z",
//	          "expires":"2027-02-19T09:00:00Z","tools":["calculate"],"note":"laptop"}]}
//
// Only id and sha256 are required. A key without tools may use all tools, a key
// with [] none.
//
// Several entries may share an id for rotation with a grace period: the last entry
// is the current key, and each earlier one must have an expiry.
//
// A newer version may write fields that this one does not know. They are ignored,
// kept and written again, so that a roll-back locks no one out. A field that
// restricts a key is listed in the entry's "x-must": a reader that does not know
// the field denies that key, and accepts the others. "x-must" next to "keys" is for
// fields without which the document cannot be read at all. Version 0.1.0 accepts
// unknown fields only if their names begin with "x-", so new fields have such names.
//
// A misspelled field, such as "tool", could be meant as a restriction and makes the
// document invalid.
type Document struct {
	Keys  []Key
	Extra map[string]json.RawMessage // unknown fields next to keys; nil means none
}

// Key is one entry of a key document.
type Key struct {
	ID      string    `json:"id"`               // [a-z0-9][a-z0-9-]{0,62}
	SHA256  string    `json:"sha256"`           // of the plain key, as [Hash] writes it
	Created time.Time `json:"created,omitzero"` // zero means not recorded
	Expires time.Time `json:"expires,omitzero"` // zero means never
	Tools   []string  `json:"tools,omitzero"`   // nil means all, empty means none
	Note    string    `json:"note,omitempty"`   // free text for people
	Must    []string  `json:"x-must,omitzero"`  // fields that restrict the key; a reader must know them to accept it
	// Limits bound the tool calls. They are not in Must: after a roll-back to a version
	// that does not count, the key works without them.
	Limits Limits `json:"x-limits,omitzero"`

	Extra map[string]json.RawMessage `json:"-"` // unknown fields; nil means none
}

// Fields returns the names of the entry fields that this version understands.
func Fields() []string { return slices.Sorted(maps.Keys(new(Key).fields())) }

// NotUnderstood returns the fields in Must that are not among the fields of a
// reader, see [Fields]. That reader denies the key.
func (k Key) NotUnderstood(fields []string) []string {
	return slices.DeleteFunc(slices.Clone(k.Must), func(name string) bool { return slices.Contains(fields, name) })
}

// Ignored returns the restrictions of the key that are not among the fields of a
// reader. That reader ignores them, or denies the key if they are in Must.
func (k Key) Ignored(fields []string) []string {
	ignored := k.NotUnderstood(fields)
	if !k.Limits.IsZero() && !slices.Contains(fields, limitsField) && !slices.Contains(ignored, limitsField) {
		ignored = append(ignored, limitsField)
	}
	return ignored
}

// limitsField is the field of [Key.Limits].
const limitsField = "x-limits"

// never is an expiry in the past.
var never = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// Principal returns the principal that the key authenticates. It has expired and has
// no tools if this version does not understand a restriction of the key.
func (k Key) Principal() Principal {
	if len(k.NotUnderstood(Fields())) > 0 {
		return Principal{KeyID: k.ID, Tools: []string{}, Expires: never}
	}
	return Principal{KeyID: k.ID, Tools: k.Tools, Expires: k.Expires, Limits: k.Limits}
}

// Expired reports whether the key's expiry has passed. Unlike [Principal.Expired] it does not
// treat a key as expired because of restrictions that this version does not understand: a
// newer one accepts that key.
func (k Key) Expired(now time.Time) bool { return Principal{Expires: k.Expires}.Expired(now) }

// DefaultDocument returns the content of the secret with the deployment key: the
// key's SHA-256 in hex under [DefaultID], for all tools and without an expiry.
func DefaultDocument(sha256 string) Document {
	return Document{Keys: []Key{{ID: DefaultID, SHA256: sha256}}}
}

// Marshal returns the document on one line, with the entries in their order. It
// rejects what [ParseDocument] would reject, so that no invalid document is stored.
func (d Document) Marshal() ([]byte, error) {
	keys := d.Keys
	if keys == nil {
		keys = []Key{}
	}
	data, err := json.Marshal(struct {
		Keys []Key `json:"keys"`
	}{keys})
	if err != nil {
		return nil, fmt.Errorf("encode key document: %w", err)
	}
	data = withExtra(data, d.Extra)
	if _, err := ParseDocument(data); err != nil {
		return nil, fmt.Errorf("encode key document of %d keys: %w", len(keys), err)
	}
	return data, nil
}

// MarshalJSON returns the entry with its unknown fields at the end.
func (k Key) MarshalJSON() ([]byte, error) {
	type plain Key // without this method
	data, err := json.Marshal(plain(k))
	if err != nil {
		return nil, err
	}
	return withExtra(data, k.Extra), nil
}

// withExtra inserts fields before the closing brace of a non-empty object.
func withExtra(object []byte, extra map[string]json.RawMessage) []byte {
	out := object[:len(object)-1]
	for _, name := range slices.Sorted(maps.Keys(extra)) {
		quoted, _ := json.Marshal(name) // a string always marshals
		out = append(append(append(append(out, ','), quoted...), ':'), extra[name]...)
	}
	return append(out, '}')
}
