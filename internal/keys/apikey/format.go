package apikey

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/big"
	"strings"
)

// Pattern is the form of a key made by [New], as a regular expression (RE2,
// unanchored, so that secret scanners can use it): the prefix, the stage, 43
// base62 characters that hold 256 random bits, and 6 of checksum. The parts are
// joined by "_", so that a double click selects the whole key.
const Pattern = `mcp_[a-z0-9]{1,12}_[0-9A-Za-z]{43}[0-9A-Za-z]{6}`

// MaxLength is how long a key may be, in bytes. API Gateway caps all headers of
// a request at 10,240 bytes; nobody needs a key that comes near it.
const MaxLength = 512

const (
	prefix     = "mcp_"
	mainStage  = "main" // stands for the empty stage
	maxStage   = 12
	randomSize = 32 // bytes
	bodySize   = 43 // base62 characters: 62^43 is just over 2^256
	sumSize    = 6  // base62 characters: 62^6 is over 2^32

	// base62 is the alphabet of [big.Int.Text].
	base62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// New makes a key for a stage, the empty one included, from 256 bits of random
// (crypto/rand.Reader outside of tests).
func New(stage string, random io.Reader) (string, error) {
	if stage == "" {
		stage = mainStage
	}
	if !isStage(stage) {
		return "", fmt.Errorf("make key: stage %q is not of the form [a-z0-9]{0,%d}", stage, maxStage)
	}
	var bits [randomSize]byte
	if _, err := io.ReadFull(random, bits[:]); err != nil {
		return "", fmt.Errorf("make key: read %d random bytes: %w", len(bits), err)
	}
	key := prefix + stage + "_" + encode(new(big.Int).SetBytes(bits[:]), bodySize)
	return key + checksum(key), nil
}

// CheckFormat tells a mistyped or invented key from a possible one, offline: a
// key of the form of [Pattern] has to carry the right checksum. Keys of any
// other form pass, since people may bring their own.
func CheckFormat(plain string) error {
	if rest, sum, ok := cutChecksum(plain); ok && checksum(rest) != sum {
		return errors.New("key has a wrong checksum: it was mistyped or cut, or never made here")
	}
	return nil
}

// Stage is the stage that a key was made for, "main" for the empty one. It is
// false for a key of another form or with a wrong checksum.
func Stage(plain string) (stage string, ok bool) {
	rest, sum, ok := cutChecksum(plain)
	if !ok || checksum(rest) != sum {
		return "", false
	}
	stage, _, _ = strings.Cut(strings.TrimPrefix(rest, prefix), "_")
	return stage, true
}

// cutChecksum parts a key of our form from its checksum, right or wrong.
func cutChecksum(plain string) (rest, sum string, ok bool) {
	after, found := strings.CutPrefix(plain, prefix)
	stage, body, cut := strings.Cut(after, "_")
	if !found || !cut || !isStage(stage) || len(body) != bodySize+sumSize || !only(body, base62) {
		return "", "", false
	}
	at := len(plain) - sumSize
	return plain[:at], plain[at:], true
}

// checksum is the CRC-32 (IEEE) of everything before it, prefix and stage
// included, so that a key with another stage written into it is refused too.
func checksum(rest string) string {
	sum := crc32.ChecksumIEEE([]byte(rest))
	return encode(new(big.Int).SetUint64(uint64(sum)), sumSize)
}

// encode writes n in base62, filled up with zeros on the left.
func encode(n *big.Int, width int) string {
	digits := n.Text(len(base62))
	return strings.Repeat("0", width-len(digits)) + digits
}

func isStage(s string) bool {
	return len(s) >= 1 && len(s) <= maxStage && only(s, base62[:36])
}

// only reports whether s has no character but those of the alphabet.
func only(s, alphabet string) bool {
	return strings.Trim(s, alphabet) == ""
}
