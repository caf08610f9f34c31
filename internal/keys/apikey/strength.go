package apikey

import (
	"errors"
	"fmt"
	"strings"
)

// The rule for keys that people bring themselves. A SHA-256 of the key lies in
// the template and in Secrets Manager, which is safe for a random key only.
const (
	minLength   = 32
	minDistinct = 10
	blockSize   = 8 // of 64 random hex digits, 8 occur twice once in 2.7 million keys
)

// CheckStrength refuses keys that can be guessed, and those that the authorizer
// would never let in. Its message is a predicate that names every fault and the
// way out, to stand after the name of the setting: "is 9 characters, …". It
// never quotes the key.
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
		faults = append(faults, "looks like a key of mcpctl but has a wrong checksum")
	}
	if len(faults) == 0 {
		return nil
	}
	return errors.New(strings.Join(faults, ", ") +
		" (make one with `go tool mcpctl keys new` or `openssl rand -hex 32`)")
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

// repeats reports whether some block occurs twice, overlapping or not: the mark
// of a key that was typed or pasted together instead of drawn.
func repeats(s string) bool {
	for i := 0; i+blockSize < len(s); i++ {
		if strings.Contains(s[i+1:], s[i:i+blockSize]) {
			return true
		}
	}
	return false
}
