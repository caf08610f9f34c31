package settings

import (
	"errors"
	"regexp"
	"strings"

	"serverless-mcp/internal/keys/apikey"
)

// setAPIKey accepts "none" or a plaintext key. Its errors never quote the value.
func setAPIKey(s *Settings, value string) error {
	if value != NoKey {
		if err := apikey.CheckStrength(value); err != nil {
			return err
		}
	}
	s.APIKey = value
	return nil
}

func setKeyHash(field *string, value string) error {
	value = strings.ToLower(value)
	if !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(value) {
		return errors.New("is not a SHA-256, need 64 hex digits; go tool mcpctl keys hash prints them for a key on standard input")
	}
	*field = value
	return nil
}

// checkKeySources rejects two sources with different keys: it would be unclear
// which one is the deployment key.
func checkKeySources(s Settings) error {
	switch {
	case s.APIKey == "" || s.APIKeySHA256 == "":
		return nil
	case s.APIKey == NoKey:
		return errors.New("API_KEY is none, but API_KEY_SHA256 names a key; remove one of the two")
	case apikey.Hash(s.APIKey) != s.APIKeySHA256:
		return errors.New("API_KEY and API_KEY_SHA256 name different keys; remove one of the two")
	}
	return nil
}

// KeyHash returns the SHA-256 of the deployment key in hex, from API_KEY or
// API_KEY_SHA256. It is "" if Secrets Manager generates the key, and if there is
// no deployment key.
func (s Settings) KeyHash() string {
	switch s.APIKey {
	case "":
		return s.APIKeySHA256
	case NoKey:
		return ""
	}
	return apikey.Hash(s.APIKey)
}
