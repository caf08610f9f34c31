package apikey

import (
	"encoding/hex"
	"fmt"
	"strings"
)

const (
	maxID   = 63
	maxTool = 128 // MCP's recommendation for tool names
)

// PersonPrefix begins the name of a principal that signed in and sent no key. 16
// hex digits follow.
const PersonPrefix = "person-"

// IsPersonID reports whether a principal's name is that of a person.
func IsPersonID(id string) bool {
	digits, ok := strings.CutPrefix(id, PersonPrefix)
	return ok && len(digits) == 16 && only(digits, base62[:16])
}

// CheckID rejects key names that are not of the form [a-z0-9][a-z0-9-]{0,62}, and
// names of people: scopes, sessions and logs identify a caller by the name.
func CheckID(id string) error {
	if IsPersonID(id) {
		return fmt.Errorf("%s and 16 hex digits is the form of a person's name", PersonPrefix)
	}
	if id == "" || len(id) > maxID || id[0] == '-' || !only(id, base62[:36]+"-") {
		return fmt.Errorf("not of the form [a-z0-9][a-z0-9-]{0,%d}", maxID-1)
	}
	return nil
}

// CheckTool rejects tool names that are not of the form [A-Za-z0-9_.-]{1,128}.
// That excludes spaces and "*", which have a meaning in [Principal.Context].
func CheckTool(name string) error {
	if name == "" || len(name) > maxTool || !only(name, base62+"_-.") {
		return fmt.Errorf("not of the form [A-Za-z0-9_.-]{1,%d}", maxTool)
	}
	return nil
}

// normalized returns the entry in the form that is stored, or an error if a field
// is invalid.
func (k Key) normalized() (Key, error) {
	if err := CheckID(k.ID); err != nil {
		return Key{}, fmt.Errorf("id: %w", err)
	}
	hash, err := hex.DecodeString(k.SHA256)
	if err != nil || len(hash) != hashSize {
		return Key{}, fmt.Errorf("sha256 is not %d hex digits", 2*hashSize)
	}
	k.SHA256 = strings.ToLower(k.SHA256)
	for _, tool := range k.Tools {
		if err := CheckTool(tool); err != nil {
			return Key{}, fmt.Errorf("tool: %w", err)
		}
	}
	for _, name := range k.Must {
		if name == "" || len(name) > maxTool {
			return Key{}, fmt.Errorf("x-must: a name does not have 1 to %d characters", maxTool)
		}
	}
	return k, nil
}

// checkUnique rejects lists in which a key has two entries, or a name has two keys
// without an expiry.
func checkUnique(keys []Key) error {
	hashes := map[string]string{}
	current := map[string]Key{}
	for _, k := range keys {
		if other, twice := hashes[k.SHA256]; twice {
			return fmt.Errorf("%q and %q are the same key", other, k.ID)
		}
		hashes[k.SHA256] = k.ID
		if earlier, shared := current[k.ID]; shared && earlier.Expires.IsZero() {
			return fmt.Errorf("%q occurs twice, and its earlier key has no expiry", k.ID)
		}
		current[k.ID] = k
	}
	return nil
}
