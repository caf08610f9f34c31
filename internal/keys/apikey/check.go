package apikey

import (
	"encoding/hex"
	"fmt"
	"strings"
)

const (
	maxID   = 63
	maxTool = 128 // as MCP recommends for names of tools
)

// CheckID refuses names that a key may not have: they are
// [a-z0-9][a-z0-9-]{0,62}.
func CheckID(id string) error {
	if id == "" || len(id) > maxID || id[0] == '-' || !only(id, base62[:36]+"-") {
		return fmt.Errorf("id is not of the form [a-z0-9][a-z0-9-]{0,%d}", maxID-1)
	}
	return nil
}

// CheckTool refuses what is no tool's name. This also keeps out spaces and "*",
// which have a meaning in [Principal.Context].
func CheckTool(name string) error {
	if name == "" || len(name) > maxTool || !only(name, base62+"_-.") {
		return fmt.Errorf("tool name is not of the form [A-Za-z0-9_.-]{1,%d}", maxTool)
	}
	return nil
}

// checked is the entry in the form that we store, or why it is no good.
func (k Key) checked() (Key, error) {
	if err := CheckID(k.ID); err != nil {
		return Key{}, err
	}
	hash, err := hex.DecodeString(k.SHA256)
	if err != nil || len(hash) != hashSize {
		return Key{}, fmt.Errorf("sha256 is not %d hex digits", 2*hashSize)
	}
	k.SHA256 = strings.ToLower(k.SHA256)
	for _, tool := range k.Tools {
		if err := CheckTool(tool); err != nil {
			return Key{}, err
		}
	}
	return k, nil
}

// checkUnique refuses lists in which a key has two entries, or a name has two
// keys that both stay.
func checkUnique(keys []Key) error {
	hashes := map[string]string{}
	current := map[string]Key{}
	for _, k := range keys {
		if other, twice := hashes[k.SHA256]; twice {
			return fmt.Errorf("%q and %q have the same key", other, k.ID)
		}
		hashes[k.SHA256] = k.ID
		if earlier, shared := current[k.ID]; shared && earlier.Expires.IsZero() {
			return fmt.Errorf("%q occurs twice, and its earlier key has no expiry", k.ID)
		}
		current[k.ID] = k
	}
	return nil
}
