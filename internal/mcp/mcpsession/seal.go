package mcpsession

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
)

// A sealer encrypts the owning task's address and the session's name into a
// session id with AES-256-GCM, so that only tasks with the secret can read or
// create ids.
type sealer struct{ aead cipher.AEAD }

func newSealer(secret string) (sealer, error) {
	if len(secret) < 16 {
		return sealer{}, errors.New("the secret is shorter than 16 bytes")
	}
	key, err := hkdf.Key(sha256.New, []byte(secret), nil, "mcp session id", 32)
	if err != nil {
		return sealer{}, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return sealer{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return sealer{aead}, err
}

func (s sealer) seal(owner, name string) string {
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, []byte(owner+" "+name), nil))
}

func (s sealer) open(id string) (owner, name string, ok bool) {
	data, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil {
		return "", "", false
	}
	plain, err := s.aead.Open(nil, nil, data, nil)
	if err != nil {
		return "", "", false
	}
	return strings.Cut(string(plain), " ")
}

// newName returns a random name, unique among the sessions of a task.
func newName() string { return rand.Text() }
