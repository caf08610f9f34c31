package tool

import (
	"encoding/json"
	"iter"
	"unicode/utf8"
)

// The functions in this file scan JSON text that json.Valid has accepted. They build no
// tree: it could take a hundred times as much memory as the text.

// trim removes the white space around a JSON value.
func trim(text []byte) []byte {
	start, end := space(text, 0), len(text)
	for end > start && isSpace(text[end-1]) {
		end--
	}
	return text[start:end]
}

func isSpace(b byte) bool { return b == ' ' || b == '\n' || b == '\t' || b == '\r' }

// space returns the first position from at on that is not white space.
func space(text []byte, at int) int {
	for at < len(text) && isSpace(text[at]) {
		at++
	}
	return at
}

// skipString returns the position after the string that begins at at.
func skipString(text []byte, at int) int {
	for at++; text[at] != '"'; at++ {
		if text[at] == '\\' {
			at++
		}
	}
	return at + 1
}

// skip returns the position after the value that begins at at.
func skip(text []byte, at int) int {
	switch text[at] {
	case '"':
		return skipString(text, at)
	case '{', '[':
		return skipNested(text, at)
	}
	for at < len(text) && !isSpace(text[at]) && text[at] != ',' && text[at] != ']' && text[at] != '}' {
		at++
	}
	return at
}

func skipNested(text []byte, at int) int {
	for depth := 0; ; {
		switch text[at] {
		case '"':
			at = skipString(text, at)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if at++; depth == 0 {
			return at
		}
	}
}

// items iterates over the values in a list.
func items(list []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for at := space(list, 1); list[at] != ']'; {
			end := skip(list, at)
			if !yield(list[at:end]) {
				return
			}
			if at = space(list, end); list[at] == ',' {
				at = space(list, at+1)
			}
		}
	}
}

// members iterates over an object: each name, still in quotes, and its value.
func members(object []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for at := space(object, 1); object[at] != '}'; {
			end := skipString(object, at)
			name := object[at:end]
			at = space(object, space(object, end)+1) // after the colon
			end = skip(object, at)
			if !yield(name, object[at:end]) {
				return
			}
			if at = space(object, end); object[at] == ',' {
				at = space(object, at+1)
			}
		}
	}
}

// isUnicode reports whether a JSON string is valid UTF-8 without lone surrogates.
func isUnicode(quoted []byte) bool { return utf8.Valid(quoted) && !loneSurrogate(quoted) }

// unquote returns the text of a JSON string. ok is false if it is not Unicode:
// encoding/json would replace invalid UTF-8 and lone surrogates silently.
func unquote(quoted []byte) (text string, ok bool) {
	if !isUnicode(quoted) {
		return "", false
	}
	inner := quoted[1 : len(quoted)-1]
	for _, b := range inner {
		if b == '\\' {
			err := json.Unmarshal(quoted, &text)
			return text, err == nil
		}
	}
	return string(inner), true
}

// loneSurrogate reports whether half of a surrogate pair is escaped without the other.
func loneSurrogate(text []byte) bool {
	for at := 0; at < len(text); at++ {
		if text[at] != '\\' {
			continue
		}
		if at++; text[at] != 'u' {
			continue
		}
		high := hexadecimal(text[at+1:])
		at += 4
		switch {
		case high >= 0xDC00 && high < 0xE000:
			return true
		case high >= 0xD800 && high < 0xDC00:
			if at+6 >= len(text) || text[at+1] != '\\' || text[at+2] != 'u' {
				return true
			}
			if low := hexadecimal(text[at+3:]); low < 0xDC00 || low >= 0xE000 {
				return true
			}
			at += 6
		}
	}
	return false
}

// hexadecimal reads four digits.
func hexadecimal(text []byte) (n rune) {
	for _, b := range text[:4] {
		switch {
		case b <= '9':
			n = n<<4 | rune(b-'0')
		default:
			n = n<<4 | rune(b|0x20-'a'+10)
		}
	}
	return n
}
