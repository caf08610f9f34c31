package doctor

import (
	"context"
	"fmt"
	"strings"

	"serverless-mcp/internal/keys/apikey"
)

// keyCheck checks the key offline. A malformed key is never sent.
func keyCheck(_ context.Context, s *session) Finding {
	if s.Key == "" {
		return skipped(s.noKey)
	}
	if detail, advice := keyFault(s.Key); detail != "" {
		s.noKey = "the key is malformed: " + detail
		return failure(detail, "every client: the server rejects the key", advice)
	}
	if stage, isOurs := apikey.Stage(s.Key); isOurs && s.Stage != "" && stage != s.Stage {
		// Servers look the key up and ignore its stage, so a key that was moved to
		// another stage works there. The key is therefore sent.
		return warning(fmt.Sprintf("it was generated for stage %q, and this is stage %q", stage, s.Stage), "every client with this key, unless it was moved to this stage on purpose",
			"If it is rejected below, use the key of this stage, or name the other stage: --stage.").titled("the API key is for another stage")
	}
	return ok("")
}

// keyFault returns what is wrong with a key, without quoting it.
func keyFault(key string) (detail, advice string) {
	const copyAgain = "Copy it again: a double click selects the whole key."
	switch {
	case strings.HasPrefix(strings.ToLower(key), "bearer"):
		return "it begins with Bearer", "That word is not part of the key. Remove it and the space after it; if the key is sent as a bearer token, mcpctl adds the word."
	case strings.Contains(key, "${") || strings.Contains(key, "{env:") || strings.HasPrefix(key, "$"):
		return "it is a variable that was not expanded", "The variable is unset where the client was started, or the client has another syntax for variables: see mcpctl connect."
	case strings.ContainsAny(key, "\r\n"):
		return "it contains a line break", "Write the file or the variable again without one: printf '%s' instead of echo."
	case strings.ContainsAny(key, `"'`+"`"+"\u201c\u201d\u2018\u2019"):
		return "it contains quotes", "Remove them: a client's file has its own, and .env needs none."
	case strings.ContainsAny(key, " \t\u00a0"):
		return "it contains a space or a tab", copyAgain
	case !isPrintable(key):
		return "it contains characters that a header cannot have", copyAgain
	case apikey.CheckFormat(key) != nil:
		return "its checksum is wrong", "It was probably cut or changed. " + copyAgain
	case looksCut(key):
		return fmt.Sprintf("it begins like a key of mcpctl, but has %d characters, a length that no such key has", len(key)), "It was probably cut. " + copyAgain
	}
	return "", ""
}

func isPrintable(key string) bool {
	return !strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' })
}

// looksCut reports whether the key begins like a key of this project but does not
// have its form.
func looksCut(key string) bool {
	_, isOurs := apikey.Stage(key)
	stage, rest, found := strings.Cut(strings.TrimPrefix(key, "mcp_"), "_")
	return strings.HasPrefix(key, "mcp_") && found && !isOurs && len(stage) <= 12 &&
		len(rest) > 20 && strings.Trim(rest, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}
