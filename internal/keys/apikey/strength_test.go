package apikey_test

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
	"testing"

	"serverless-mcp/internal/keys/apikey"
)

func TestCheckStrengthAccepts(t *testing.T) {
	for _, key := range []string{
		mustNew(t, ""),
		mustNew(t, "prod"),
		known,
		"0123456789-_abcdefghijklmnopqrst", // 32 exactly
		"0123456789abcdefghijABCDEFGHIJKLMNOPQRSTUVWXYZ-_",
		"012345678901234571012344672012345973", // 10 different characters
	} {
		if err := apikey.CheckStrength(key); err != nil {
			t.Errorf("CheckStrength(%q) = %v", key, err)
		}
	}
	longest := ""
	for len(longest) < apikey.MaxLength {
		longest += rand.Text()
	}
	if err := apikey.CheckStrength(longest[:apikey.MaxLength]); err != nil {
		t.Errorf("a random key of the largest length: %v", err)
	}
	var bits [32]byte // the output of `openssl rand -hex 32`
	rand.Read(bits[:])
	if key := hex.EncodeToString(bits[:]); apikey.CheckStrength(key) != nil {
		t.Errorf("CheckStrength(%q) = %v", key, apikey.CheckStrength(key))
	}
}

func TestCheckStrengthRejects(t *testing.T) {
	for key, want := range map[string]string{
		"":                                     "is 0 characters, need at least 32",
		"secret123":                            "is 9 characters, need at least 32",
		"0123456789-_abcdefghijklmnopqrs":      "is 31 characters, need at least 32",
		"0123456789-_abcdefghijklmnopqrst\n":   "characters other than",
		"0123456789 _abcdefghijklmnopqrst":     "characters other than",
		"0123456789äabcdefghijklmnopqrstu":     "characters other than",
		"012345678012345671012345672012345673": "has 9 different characters, need at least 10",
		strings.Repeat("0123456789abcdef", 2):  "repeats a block",
		"mysecret1-mysecret1-and-0123456789":   "repeats a block",
		known[:len(known)-1] + "x":             "wrong checksum",
		strings.Repeat("x", 513):               "is 513 characters, at most 512",
	} {
		err := apikey.CheckStrength(key)
		if err == nil {
			t.Errorf("CheckStrength(%q) passes, want %q", key, want)
			continue
		}
		for _, part := range []string{want, "go tool mcpctl keys new", "openssl rand -hex 32"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("CheckStrength(%q) = %q, want %q in it", key, err, part)
			}
		}
		if key != "" && strings.Contains(err.Error(), key) {
			t.Errorf("CheckStrength quotes the key: %q", err)
		}
	}
}
