// Package printable makes text of a server, or of anyone else, safe to print on
// a terminal. Such text could otherwise move the cursor, hide or reorder what is
// shown, or imitate other lines of the output.
//
// [Line] is for names and for everything that is part of a line, [Text] for text
// that may have several lines, and [JSON] for encoded JSON, which keeps its value.
package printable

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line returns text on one line: each control, format and separator character
// becomes a space, and each invalid byte the replacement character.
func Line(text string) string {
	return strings.Map(func(r rune) rune {
		if unsafe(r) {
			return ' '
		}
		return r
	}, text)
}

// Text is like [Line], except that it keeps tabs and line feeds. A carriage return
// before a line feed is removed.
func Text(text string) string {
	return strings.Map(func(r rune) rune {
		if unsafe(r) && r != '\n' && r != '\t' {
			return ' '
		}
		return r
	}, strings.ReplaceAll(text, "\r\n", "\n"))
}

// JSON returns encoded JSON in which the characters that [Line] replaces are
// escapes. Line feeds and tabs stay, because indented JSON has them between its
// values. Outside strings valid JSON has no other such characters.
func JSON(encoded []byte) []byte {
	out := make([]byte, 0, len(encoded))
	for len(encoded) > 0 {
		r, size := utf8.DecodeRune(encoded)
		switch {
		case r == '\n' || r == '\t' || !unsafe(r):
			out = append(out, encoded[:size]...)
		case r > 0xffff:
			high, low := utf16Pair(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		encoded = encoded[size:]
	}
	return out
}

// unsafe reports whether a terminal may act on the character instead of showing
// it. The categories are Unicode's: control (C0, DEL and C1), format (among them
// the bidirectional controls and the invisible tags), line and paragraph
// separators. The two joiners are safe; emoji and several scripts need them.
func unsafe(r rune) bool {
	const nonJoiner, joiner = '\u200c', '\u200d'
	return r != nonJoiner && r != joiner && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// utf16Pair returns the surrogates of a character above U+FFFF, which is how JSON
// escapes it (RFC 8259, section 7).
func utf16Pair(r rune) (high, low rune) {
	r -= 0x10000
	return 0xd800 + r>>10, 0xdc00 + r&0x3ff
}
