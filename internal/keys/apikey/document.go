package apikey

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// MaxDocument is the most bytes of a key document: the limit of a value in
// Secrets Manager. It holds about 400 keys.
const MaxDocument = 64 * 1024

// Document lists the keys that were given out, by their hashes:
//
//	{"keys":[{"id":"alice","sha256":"<64 hex>","created":"2026-11-21T09:00:00Z",
//	          "expires":"2027-02-19T09:00:00Z","tools":["calculate"],"note":"laptop"}]}
//
// Only id and sha256 have to be there. Without tools a key may use all of them,
// with [] none.
//
// Several entries may share an id, which is how a key is rotated with a grace:
// the last of them is the current key, and each earlier one must have an expiry.
//
// A field that is not known here could be a restriction, if only a misspelt
// "tools", so it makes the document unreadable instead of the key too powerful.
// Fields that merely inform are named "x-…": they are kept and written again.
type Document struct {
	Keys  []Key
	Extra map[string]json.RawMessage // "x-…" fields beside keys; nil means none
}

// Key is one entry of a key document.
type Key struct {
	ID      string    `json:"id"`               // [a-z0-9][a-z0-9-]{0,62}
	SHA256  string    `json:"sha256"`           // of the plain key, as [Hash] writes it
	Created time.Time `json:"created,omitzero"` // zero means not recorded
	Expires time.Time `json:"expires,omitzero"` // zero means never
	Tools   []string  `json:"tools,omitzero"`   // nil means all, empty means none
	Note    string    `json:"note,omitempty"`   // for people; free text

	Extra map[string]json.RawMessage `json:"-"` // "x-…" fields; nil means none
}

// Principal is who the key stands for.
func (k Key) Principal() Principal {
	return Principal{KeyID: k.ID, Tools: k.Tools, Expires: k.Expires}
}

// DefaultDocument is what the secret of a deployment's own key holds: the
// key's SHA-256 in hex, under [DefaultID], for all tools and without an end.
func DefaultDocument(sha256 string) Document {
	return Document{Keys: []Key{{ID: DefaultID, SHA256: sha256}}}
}

// Marshal writes the document on one line, entries in their order. It refuses
// what [ParseDocument] would refuse, so that nothing unreadable is ever stored.
func (d Document) Marshal() ([]byte, error) {
	keys := d.Keys
	if keys == nil {
		keys = []Key{}
	}
	data, err := json.Marshal(struct {
		Keys []Key `json:"keys"`
	}{keys})
	if err != nil {
		return nil, fmt.Errorf("write key document: %w", err)
	}
	data = withExtra(data, d.Extra)
	if _, err := ParseDocument(data); err != nil {
		return nil, fmt.Errorf("write key document of %d keys: %w", len(keys), err)
	}
	return data, nil
}

// MarshalJSON writes the entry with its "x-…" fields at the end.
func (k Key) MarshalJSON() ([]byte, error) {
	type plain Key // without this method
	data, err := json.Marshal(plain(k))
	if err != nil {
		return nil, err
	}
	return withExtra(data, k.Extra), nil
}

// withExtra puts fields before the closing brace of an object that has others.
func withExtra(object []byte, extra map[string]json.RawMessage) []byte {
	out := object[:len(object)-1]
	for _, name := range slices.Sorted(maps.Keys(extra)) {
		quoted, _ := json.Marshal(name) // a string never fails
		out = append(append(append(append(out, ','), quoted...), ':'), extra[name]...)
	}
	return append(out, '}')
}
