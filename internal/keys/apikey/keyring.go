package apikey

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// DefaultID is the name of the key that belongs to the deployment. Keys that
// are issued later cannot have it.
const DefaultID = "default"

const hashSize = sha256.Size

// maxFormer caps what a keyring remembers of revoked keys.
const maxFormer = 4096

// Hash is the SHA-256 of a key, in 64 lower-case hex digits.
func Hash(plain string) string {
	sum := sha256.Sum256([]byte(plain))
	return hex.EncodeToString(sum[:])
}

// Keyring answers whose key this is. It does not change once made, apart from
// [Keyring.Follow], and may be used by many at once.
type Keyring struct {
	entries map[[hashSize]byte]entry
	former  map[[hashSize]byte]Principal
	shared  []string
}

type entry struct {
	hash      [hashSize]byte
	principal Principal
}

// NewKeyring joins the values of both secrets; an empty value is no keys.
//
// The default secret holds a key document or else one plain key, as Secrets
// Manager generates it, whose name is [DefaultID]. A plain key has to pass
// [CheckStrength], so that no stray text becomes a key. The issued secret holds
// a key document and nothing else.
//
// Each secret has an owner of its own, so either may come to hold a key that the
// other has: nothing that one of them writes may lock out everybody. Such a key
// is what its issued entry says, never more: an entry with fewer tools, or one
// that has ended, was written to restrict it. See [Keyring.Shared].
func NewKeyring(defaultSecret, issuedSecret string) (*Keyring, error) {
	keys, err := parseDefault(defaultSecret)
	if err != nil {
		return nil, fmt.Errorf("default key: %w", err)
	}
	issued, err := parseIssued(issuedSecret)
	if err != nil {
		return nil, fmt.Errorf("issued keys: %w", err)
	}
	ring := &Keyring{entries: make(map[[hashSize]byte]entry, len(keys)+len(issued))}
	for _, k := range keys {
		if _, err := ring.add(k); err != nil {
			return nil, err
		}
	}
	for _, k := range issued {
		shared, err := ring.add(k)
		if err != nil {
			return nil, err
		}
		if shared {
			ring.shared = append(ring.shared, k.ID)
		}
	}
	return ring, nil
}

// add takes a key in, in the place of an earlier entry that has the same key.
func (k *Keyring) add(key Key) (replaced bool, err error) {
	e := entry{principal: key.Principal()}
	if n, err := hex.Decode(e.hash[:], []byte(key.SHA256)); err != nil || n != hashSize {
		return false, fmt.Errorf("keyring: hash of %q is no SHA-256", key.ID)
	}
	_, replaced = k.entries[e.hash]
	k.entries[e.hash] = e
	return replaced, nil
}

func parseDefault(secret string) ([]Key, error) {
	switch {
	case secret == "":
		return nil, nil
	case strings.HasPrefix(strings.TrimSpace(secret), "{"):
		return parseDefaultDocument(secret)
	}
	if err := CheckStrength(secret); err != nil {
		return nil, fmt.Errorf("it is neither a key document nor a good key: it %w", err)
	}
	return []Key{{ID: DefaultID, SHA256: Hash(secret)}}, nil
}

// parseDefaultDocument takes no name but [DefaultID]: one that is issued too
// would stand for two keys, of which revoking ends one.
func parseDefaultDocument(secret string) ([]Key, error) {
	d, err := ParseDocument([]byte(secret))
	if err != nil {
		return nil, err
	}
	for i, k := range d.Keys {
		if k.ID != DefaultID {
			return nil, fmt.Errorf("key document, entry %d: its name is not %q", i+1, DefaultID)
		}
	}
	return d.Keys, nil
}

func parseIssued(secret string) ([]Key, error) {
	if secret == "" {
		return nil, nil
	}
	d, err := ParseDocument([]byte(secret))
	if err != nil {
		return nil, err
	}
	for _, k := range d.Keys {
		if k.ID == DefaultID {
			return nil, errors.New(`the name "default" is reserved for the deployment key`)
		}
	}
	return d.Keys, nil
}

// Len is the number of keys.
func (k *Keyring) Len() int { return len(k.entries) }

// Shared are the names of issued keys that are the deployment's key too, in the
// order of their document.
func (k *Keyring) Shared() []string { return slices.Clone(k.shared) }

// Lookup is who the key belongs to, expired or not: ask [Principal.Expired].
// The time that it takes does not grow with the number of keys and says
// nothing about them: what is compared are hashes, and the last comparison
// takes the same time however much of them agrees.
func (k *Keyring) Lookup(plain string) (Principal, bool) {
	if plain == "" || len(plain) > MaxLength {
		return Principal{}, false
	}
	hash := sha256.Sum256([]byte(plain))
	e, found := k.entries[hash]
	if !found || subtle.ConstantTimeCompare(e.hash[:], hash[:]) != 1 {
		return Principal{}, false
	}
	return e.principal, true
}

// Former is whose key this was, if a keyring that this one follows had it.
func (k *Keyring) Former(plain string) (Principal, bool) {
	p, found := k.former[sha256.Sum256([]byte(plain))]
	return p, found
}

// Follow remembers the keys that an earlier keyring had and this one has not,
// so that a log can tell a revoked key from one that never was. Call it before
// the keyring is shared.
func (k *Keyring) Follow(earlier *Keyring) {
	k.former = map[[hashSize]byte]Principal{}
	remember := func(hash [hashSize]byte, p Principal) {
		if _, still := k.entries[hash]; !still && len(k.former) < maxFormer {
			k.former[hash] = p
		}
	}
	for hash, e := range earlier.entries {
		remember(hash, e.principal)
	}
	for hash, p := range earlier.former {
		remember(hash, p)
	}
}
