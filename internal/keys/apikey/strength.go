package apikey

import (
	"errors"
	"fmt"
	"strings"
)

// Rules for keys that people choose themselves. The template and Secrets Manager
// hold the SHA-256 of the key, which is safe for random keys only.
const (
	minLength   = 32
	minDistinct = 10
	blockSize   = 8 // one in 2.7 million random keys of 64 hex digits repeats a block of 8
)

// CheckStrength rejects keys that can be guessed, and keys that the authorizer
// would never accept. Its error lists every fault and the remedy as a predicate that
// follows the name of the setting: "is 9 characters, …". It never quotes the key.
func CheckStrength(plain string) error {
	var faults []string
	if len(plain) < minLength {
		faults = append(faults, fmt.Sprintf("is %d characters, need at least %d", len(plain), minLength))
	}
	if len(plain) > MaxLength {
		faults = append(faults, fmt.Sprintf("is %d characters, at most %d are allowed", len(plain), MaxLength))
	}
	if !only(plain, base62+"_-") {
		faults = append(faults, "has characters other than A-Z a-z 0-9 _ -")
	}
	if n := distinct(plain); n < minDistinct {
		faults = append(faults, fmt.Sprintf("has %d different characters, need at least %d", n, minDistinct))
	}
	if repeats(plain) {
		faults = append(faults, fmt.Sprintf("repeats a block of %d characters", blockSize))
	}
	if err := CheckFormat(plain); err != nil {
		faults = append(faults, "has the form of a generated key but a wrong checksum")
	}
	if len(faults) == 0 {
		return nil
	}
	return errors.New(strings.Join(faults, ", ") +
		" (generate one with `go tool mcpctl keys new` or `openssl rand -hex 32`)")
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

// repeats reports whether a block occurs twice, overlapping or not. That indicates a key
// that was typed or pasted together instead of generated at random.
func repeats(s string) bool {
	for i := 0; i+blockSize < len(s); i++ {
		if strings.Contains(s[i+1:], s[i:i+blockSize]) {
			return true
		}
	}
	return false
}
