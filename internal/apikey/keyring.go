package apikey

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
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
func NewKeyring(defaultSecret, issuedSecret string) (*Keyring, error) {
	keys, err := parseDefault(defaultSecret)
	if err != nil {
		return nil, fmt.Errorf("default key: %w", err)
	}
	issued, err := parseIssued(issuedSecret)
	if err != nil {
		return nil, fmt.Errorf("issued keys: %w", err)
	}
	keys = append(keys, issued...)
	if err := checkUnique(keys); err != nil {
		return nil, fmt.Errorf("default key and issued keys: %w", err)
	}
	ring := &Keyring{entries: make(map[[hashSize]byte]entry, len(keys))}
	for _, k := range keys {
		e := entry{principal: k.Principal()}
		if n, err := hex.Decode(e.hash[:], []byte(k.SHA256)); err != nil || n != hashSize {
			return nil, fmt.Errorf("keyring: hash of %q is no SHA-256", k.ID)
		}
		ring.entries[e.hash] = e
	}
	return ring, nil
}

func parseDefault(secret string) ([]Key, error) {
	switch {
	case secret == "":
		return nil, nil
	case strings.HasPrefix(strings.TrimSpace(secret), "{"):
		d, err := ParseDocument([]byte(secret))
		return d.Keys, err
	}
	if err := CheckStrength(secret); err != nil {
		return nil, fmt.Errorf("it is neither a key document nor a good key: it %w", err)
	}
	return []Key{{ID: DefaultID, SHA256: Hash(secret)}}, nil
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
			return nil, errors.New(`the name "default" belongs to the deployment's key`)
		}
	}
	return d.Keys, nil
}

// Len is the number of keys.
func (k *Keyring) Len() int { return len(k.entries) }

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
