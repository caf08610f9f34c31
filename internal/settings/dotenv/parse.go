package dotenv

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Parse parses the text of a .env: one NAME=value per line, # comments, values
// bare or in quotes, an optional leading "export ". In double quotes \n, \t, \"
// and \\ are escapes; single quotes have no escapes. A bare value ends at " #"; a
// # directly after = is part of the value, and a # after = and blanks is an error.
// Nothing is expanded: $ is an ordinary character. A byte order mark and CRLF line
// ends are accepted. Errors give line numbers and never quote a line, which may
// contain a secret. If some lines are invalid, Parse returns the values of the
// others with a [*LineError].
func Parse(data []byte) (map[string]string, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return nil, errors.New("the file is UTF-16 (Windows PowerShell's > writes UTF-16); save it as UTF-8")
	}
	if !utf8.Valid(data) {
		return nil, errors.New("the file is not UTF-8; save it as UTF-8")
	}
	var unread LineError
	values, seen := map[string]string{}, map[string]int{}
	for i, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, err := parseLine(line)
		if err == nil && seen[name] > 0 {
			err = fmt.Errorf("%s is already set in line %d; remove one of the two", name, seen[name])
		}
		if err != nil {
			unread.add(i+1, line, err)
			continue
		}
		values[name], seen[name] = value, i+1
	}
	if unread.lines != nil {
		return values, &unread
	}
	return values, nil
}

// A LineError reports all invalid lines.
type LineError struct {
	problems []string
	lines    []string // their text, which is never printed
}

func (e *LineError) add(number int, line string, err error) {
	e.problems = append(e.problems, fmt.Sprintf("line %d: %v", number, err))
	e.lines = append(e.lines, line)
}

// Error implements error.
func (e *LineError) Error() string { return strings.Join(e.problems, "; ") }

// MayHide reports whether an invalid line may be meant to set one of these
// settings.
func (e *LineError) MayHide(names ...string) bool {
	for _, name := range names {
		for _, line := range e.lines {
			if strings.Contains(strings.ToUpper(line), name) {
				return true
			}
		}
	}
	return false
}

func parseLine(line string) (name, value string, err error) {
	if rest, ok := strings.CutPrefix(line, "export"); ok && strings.TrimLeft(rest, " \t") != rest {
		line = strings.TrimLeft(rest, " \t")
	}
	name, text, ok := strings.Cut(line, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(text)
	if !ok || !regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`).MatchString(name) {
		return "", "", errors.New("need NAME=value")
	}
	if value != text && strings.HasPrefix(value, "#") {
		// Ambiguous: this may be an empty value with a comment, or a color.
		return "", "", fmt.Errorf("%s: a value or a comment may begin here; quote the value, or move the comment to its own line", name)
	}
	value, err = unquote(value)
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", name, err)
	}
	return name, value, nil
}

// unquote returns the value of text, the part after =.
func unquote(text string) (string, error) {
	if text == "" || (text[0] != '"' && text[0] != '\'') {
		return bare(text), nil
	}
	quote := text[0]
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == quote:
			if rest := strings.TrimSpace(text[i+1:]); rest != "" && rest[0] != '#' {
				return "", errors.New("there is text after the closing quote")
			}
			return b.String(), nil
		case text[i] == '\\' && quote == '"' && i+1 < len(text):
			i++
			b.WriteString(escaped(text[i]))
		default:
			b.WriteByte(text[i])
		}
	}
	return "", errors.New("the closing quote is missing (a value cannot span lines; write \\n for a line break)")
}

// bare removes a comment, which begins with a blank and a #. Any other # is part of the
// value, such as that of a color or a URL fragment.
func bare(text string) string {
	for i := 1; i < len(text); i++ {
		if text[i] == '#' && (text[i-1] == ' ' || text[i-1] == '\t') {
			return strings.TrimSpace(text[:i])
		}
	}
	return text
}

// escaped returns the text that the escape \c stands for. An unknown escape keeps its
// backslash, so that Windows paths need no escaping.
func escaped(c byte) string {
	switch c {
	case 'n':
		return "\n"
	case 't':
		return "\t"
	case '"', '\\':
		return string(c)
	}
	return string([]byte{'\\', c}) // c may be part of a longer character
}
