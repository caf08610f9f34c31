package settings_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"serverless-mcp/internal/settings"
)

const strong = "mcp-test-0123456789-abcdefghijklmnopqrstuvwxyz"

func hashOf(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

func TestKeySources(t *testing.T) {
	for _, c := range []struct{ name, key, hash, want string }{
		{"neither", "", "", ""},
		{"key only", strong, "", ""},
		{"hash only, any case", "", strings.ToUpper(hashOf(strong)), ""},
		{"both agree", strong, hashOf(strong), ""},
		{"both differ", strong, hashOf("other"), "API_KEY and API_KEY_SHA256 name different keys"},
		{"none", "none", "", ""},
		{"none and a hash", "none", hashOf(strong), "API_KEY is none, but API_KEY_SHA256"},
		{"short", "hunter2hunter2", "", "API_KEY is 14 characters, need at least 32"},
		{"wrong checksum", "mcp_main_" + strings.Repeat("0a1b2c3", 7), "", "wrong checksum"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := settings.Parse(map[string]string{"API_KEY": c.key, "API_KEY_SHA256": c.hash})
			switch {
			case c.want == "" && err != nil:
				t.Fatalf("rejected: %v", err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Fatalf("got %v, want an error with %q", err, c.want)
			case err != nil && c.key != "" && c.key != "none" && strings.Contains(err.Error(), c.key):
				t.Fatalf("the error quotes the key: %v", err)
			case s.APIKeySHA256 != strings.ToLower(c.hash):
				t.Errorf("APIKeySHA256 = %q, want %q in lower case", s.APIKeySHA256, c.hash)
			}
		})
	}
}

func TestKeyHash(t *testing.T) {
	for _, c := range []struct{ key, hash, want string }{
		{"", "", ""},
		{strong, "", hashOf(strong)},
		{"", hashOf(strong), hashOf(strong)},
		{settings.NoKey, "", ""},
	} {
		s := settings.Settings{APIKey: c.key, APIKeySHA256: c.hash}
		if got := s.KeyHash(); got != c.want {
			t.Errorf("KeyHash of %q, %q = %q, want %q", c.key, c.hash, got, c.want)
		}
	}
}
