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
// An unknown field could be a restriction, such as a misspelled "tools", so it
// makes the document invalid instead of the key too powerful. Fields that only
// inform have names that begin with "x-": they are kept and written again.
type Document struct {
	Keys  []Key
	Extra map[string]json.RawMessage // "x-…" fields next to keys; nil means none
}

// Key is one entry of a key document.
type Key struct {
	ID      string    `json:"id"`               // [a-z0-9][a-z0-9-]{0,62}
	SHA256  string    `json:"sha256"`           // of the plain key, as [Hash] writes it
	Created time.Time `json:"created,omitzero"` // zero means not recorded
	Expires time.Time `json:"expires,omitzero"` // zero means never
	Tools   []string  `json:"tools,omitzero"`   // nil means all, empty means none
	Note    string    `json:"note,omitempty"`   // free text for people

	Extra map[string]json.RawMessage `json:"-"` // "x-…" fields; nil means none
}

// Principal returns the principal that the key authenticates.
func (k Key) Principal() Principal {
	return Principal{KeyID: k.ID, Tools: k.Tools, Expires: k.Expires}
}

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

// MarshalJSON returns the entry with its "x-…" fields at the end.
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
		quoted, _ := json.Marshal(name) // a string never fails
		out = append(append(append(append(out, ','), quoted...), ':'), extra[name]...)
	}
	return append(out, '}')
}
