package authorizer

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"serverless-mcp/internal/keys/apikey"
)

const maxClient = 100 // characters of a user agent that are logged

// keyOf is the key in what was sent, be it the header x-api-key or an
// Authorization header with a bearer token. It is the one identity source:
// other headers don't count, as the gateway does not tell them apart in its
// cache, so that a good key there would vouch for a bad one here.
func keyOf(source string) string {
	key := strings.TrimSpace(source)
	const scheme = "bearer "
	if len(key) > len(scheme) && strings.EqualFold(key[:len(scheme)], scheme) {
		key = strings.TrimSpace(key[len(scheme):])
	}
	return key
}

// check refuses, without a look at any list, what can be nobody's key. Keys of
// our form must have the right checksum; keys that people brought may have any
// form that fits into a header.
func check(key string) error {
	switch {
	case key == "":
		return errors.New("empty")
	case len(key) > apikey.MaxLength:
		return fmt.Errorf("longer than %d characters", apikey.MaxLength)
	case strings.HasPrefix(key, "${") && strings.HasSuffix(key, "}"):
		return errors.New("a variable that the client did not replace by its value")
	case strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New("has a space or a character that is not ASCII")
	}
	return apikey.CheckFormat(key)
}

// client is the user agent, cleaned for the log: on one line, not too long, and
// without the key, should a client have put it there too.
func client(agent, key string) string {
	if key != "" {
		agent = strings.ReplaceAll(agent, key, "[key]")
	}
	agent = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, agent)
	if runes := []rune(agent); len(runes) > maxClient {
		agent = string(runes[:maxClient]) + "…"
	}
	return agent
}
