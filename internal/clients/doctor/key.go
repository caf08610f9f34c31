package doctor

import (
	"context"
	"fmt"
	"strings"

	"serverless-mcp/internal/keys/apikey"
)

// keyCheck looks at the key itself, offline. A key that cannot be right is not
// sent at all.
func keyCheck(_ context.Context, x *exam) Finding {
	if x.Key == "" {
		return Finding{Status: Skipped, Detail: x.noKey}
	}
	if detail, advice := keyFault(x.Key); detail != "" {
		x.noKey = "the key cannot be right: " + detail
		return failure(detail, "every client: the server refuses it", advice)
	}
	if made, isOurs := apikey.Stage(x.Key); isOurs && x.Stage != "" && made != x.Stage {
		// Servers look a key up, and not at its stage: one that was moved to
		// another stage opens that too. So it is sent.
		return warning(fmt.Sprintf("it was made for stage %q, and this is stage %q", made, x.Stage), "every client with this key, unless it was moved to this stage on purpose",
			"If it is refused below, take the key of this stage, or name the other stage: --stage.")
	}
	return ok("")
}

// keyFault says what is wrong with a key, without quoting it.
func keyFault(key string) (detail, advice string) {
	switch {
	case strings.HasPrefix(strings.ToLower(key), "bearer"):
		return "it begins with Bearer", "That word is not part of the key. Take it away, and the space behind it; where the key goes as a bearer token, it is added by itself."
	case strings.Contains(key, "${") || strings.Contains(key, "{env:") || strings.HasPrefix(key, "$"):
		return "it is a variable that was not expanded", "The variable is not set where the client was started, or the client writes variables in another way: see mcpctl connect."
	case strings.ContainsAny(key, "\r\n"):
		return "there is a line break in it", "Make the file or the variable again without one: printf '%s' instead of echo."
	case strings.ContainsAny(key, `"'`+"`"+"\u201c\u201d\u2018\u2019"):
		return "there are quotes in it", "Take them away: a client's file has its own, and .env needs none."
	case strings.ContainsAny(key, " \t\u00a0"):
		return "there is a space or a tab in it", "Copy it again: one double click selects the whole key."
	case !isPrintable(key):
		return "there are characters in it that no header can carry", "Copy it again: one double click selects the whole key."
	case apikey.CheckFormat(key) != nil:
		return "its checksum is wrong", "It was cut or changed while copying? Copy it again: one double click selects the whole key."
	case looksCut(key):
		return fmt.Sprintf("it begins like a key of mcpctl, and is %d characters long, which those never are", len(key)), "It was cut while copying? Copy it again: one double click selects the whole key."
	}
	return "", ""
}

func isPrintable(key string) bool {
	return !strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' })
}

// looksCut knows what begins like one of our keys and is not of their form.
func looksCut(key string) bool {
	_, isOurs := apikey.Stage(key)
	stage, rest, found := strings.Cut(strings.TrimPrefix(key, "mcp_"), "_")
	return strings.HasPrefix(key, "mcp_") && found && !isOurs && len(stage) <= 12 &&
		len(rest) > 20 && strings.Trim(rest, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}
