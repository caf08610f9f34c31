package configfile

import (
	"bytes"
	"slices"
)

// A span is a part of a text: text[from:to].
type span struct{ from, to int }

// A comment includes its delimiters, but not the end of its line.
type comment struct {
	span
	text string
}

func commentAt(text []byte, from, to int) comment {
	return comment{span{from, to}, string(bytes.TrimRight(text[from:to], " \t\r\n"))}
}

// keeping runs an edit of the value at path, and verifies that every comment
// elsewhere is still there, in the same order. Comparing the data would not detect a lost
// comment.
func (s syntax) keeping(text []byte, path []string, edit func() ([]byte, error)) ([]byte, error) {
	before, err := s.comments(text)
	if err != nil {
		return nil, err
	}
	own, err := s.extent(text, path)
	if err != nil {
		return nil, err
	}
	out, err := edit()
	if err != nil {
		return nil, err
	}
	after, err := s.comments(out)
	if err != nil || !kept(outside(before, own), after) {
		return nil, ErrByHand
	}
	return out, nil
}

// putAt and cutAt are put and cut with that verification.
func (s syntax) putAt(text []byte, path []string, value any) ([]byte, error) {
	return s.keeping(text, path, func() ([]byte, error) { return s.put(text, path, value) })
}

func (s syntax) cutAt(text []byte, path []string) ([]byte, error) {
	return s.keeping(text, path, func() ([]byte, error) { return s.cut(text, path) })
}

// outside returns the comments that begin in none of the spans.
func outside(comments []comment, pieces []span) []comment {
	return slices.DeleteFunc(slices.Clone(comments), func(c comment) bool {
		return slices.ContainsFunc(pieces, func(p span) bool { return p.from <= c.from && c.from < p.to })
	})
}

// kept reports whether all comments of before are in after, in the same order.
func kept(before, after []comment) bool {
	for _, c := range after {
		if len(before) > 0 && before[0].text == c.text {
			before = before[1:]
		}
	}
	return len(before) == 0
}

// jsonComments finds // and /* */ outside strings.
func jsonComments(text []byte) ([]comment, error) {
	var all []comment
	for at := 0; at < len(text); {
		end := at + 1
		switch {
		case text[at] == '"':
			end = quoteEnd(text, at, `"`, true)
		case bytes.HasPrefix(text[at:], []byte("//")):
			end = lineEnd(text, at)
			all = append(all, commentAt(text, at, end))
		case bytes.HasPrefix(text[at:], []byte("/*")):
			end = quoteEnd(text, at+1, "*/", false)
			all = append(all, commentAt(text, at, end))
		}
		at = end
	}
	return all, nil
}

// tomlComments finds # outside the four kinds of strings.
func tomlComments(text []byte) ([]comment, error) {
	var all []comment
	for at := 0; at < len(text); {
		end := at + 1
		switch quote := text[at]; quote {
		case '"', '\'':
			mark := string(quote)
			if long := bytes.Repeat([]byte{quote}, 3); bytes.HasPrefix(text[at:], long) {
				mark = string(long)
			}
			end = quoteEnd(text, at+len(mark)-1, mark, quote == '"')
			if len(mark) == 3 { // up to two more are part of the string
				for end < len(text) && text[end] == quote {
					end++
				}
			}
		case '#':
			end = lineEnd(text, at)
			all = append(all, commentAt(text, at, end))
		}
		at = end
	}
	return all, nil
}

// quoteEnd returns the offset after the next mark that follows text[open], or the end of
// the text. With escapes, a character after a backslash does not end the string.
func quoteEnd(text []byte, open int, mark string, escapes bool) int {
	for at := open + 1; at < len(text); at++ {
		switch {
		case escapes && text[at] == '\\':
			at++
		case bytes.HasPrefix(text[at:], []byte(mark)):
			return at + len(mark)
		}
	}
	return len(text)
}
