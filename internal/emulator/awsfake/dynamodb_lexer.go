package awsfake

import (
	_ "embed"
	"strings"
	"sync"
)

// reservedWords are the words that expressions may not use as attribute names; #name
// must stand in for them.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html
//
//go:embed dynamodb_reserved.txt
var reservedWords string

var reserved = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	for word := range strings.FieldsSeq(reservedWords) {
		words[word] = true
	}
	return words
})

// tokens splits an expression into words (also #name and :value), numbers and
// punctuation.
func tokens(text string) (all []string, ok bool) {
	for at := 0; at < len(text); {
		n := 1
		switch c := text[at]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			at++
			continue
		case c == '#' || c == ':' || wordByte(c):
			for at+n < len(text) && wordByte(text[at+n]) {
				n++
			}
		case strings.HasPrefix(text[at:], "<>"), strings.HasPrefix(text[at:], "<="), strings.HasPrefix(text[at:], ">="):
			n = 2
		case !strings.ContainsRune("()[],.=<>+-", rune(c)):
			return nil, false
		}
		all = append(all, text[at:at+n])
		at += n
	}
	return all, true
}

func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
