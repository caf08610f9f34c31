package apikey

import (
	"strings"
	"unicode"
)

const (
	maxLoggable = 64 // characters of a caller's text that are logged
	maxKeyLike  = 31 // letters, digits, "_" and "-" in a row; a longer run may be a key
)

// Loggable makes a text that a caller chose safe for the log: printable, on one line, at
// most 64 characters, and without a key. key is the key that was sent with the text, or
// empty; other keys are recognized by their length.
func Loggable(text, key string) string { return shorten(redacted(text, key)) }

// LoggableClient returns the name and the version of a client from its User-Agent
// header, in the form of [Loggable]. A header that does not begin with a product and
// its version is the name as a whole.
// https://www.rfc-editor.org/rfc/rfc9110#section-10.1.5
func LoggableClient(userAgent, key string) (name, version string) {
	text := redacted(userAgent, key)
	product, _, _ := strings.Cut(text, " ")
	name, version, _ = strings.Cut(product, "/")
	if name == "" || version == "" {
		return shorten(text), ""
	}
	return shorten(name), shorten(version)
}

// redacted replaces keys and unprintable characters.
func redacted(text, key string) string {
	if key != "" {
		text = strings.ReplaceAll(text, key, "[key]")
	}
	return withoutKeyLike(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text))
}

func shorten(text string) string {
	if len(text) <= maxLoggable {
		return text
	}
	if runes := []rune(text); len(runes) > maxLoggable {
		return string(runes[:maxLoggable-1]) + "…"
	}
	return text
}

// withoutKeyLike replaces runs of characters that may be a key, see [CheckStrength].
func withoutKeyLike(text string) string {
	isKeyLike := func(r rune) bool {
		return r == '-' || r == '_' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
	}
	if len(text) <= maxKeyLike {
		return text
	}
	var out strings.Builder
	for text != "" {
		n := strings.IndexFunc(text, func(r rune) bool { return !isKeyLike(r) })
		if n < 0 {
			n = len(text)
		}
		if n > maxKeyLike {
			out.WriteString("[redacted]")
		} else {
			out.WriteString(text[:n])
		}
		text = text[n:]
		rest := strings.IndexFunc(text, isKeyLike)
		if rest < 0 {
			rest = len(text)
		}
		out.WriteString(text[:rest])
		text = text[rest:]
	}
	return out.String()
}
