package dotenv

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Parse reads the text of a .env: a NAME=value a line, # comments, values bare
// or in quotes, an "export " in front tolerated. In double quotes \n, \t, \"
// and \\ are escapes, in single quotes nothing is. A bare value ends at " #".
// Nothing is expanded: a $ stands for itself. A byte-order mark and CRLF line
// ends are accepted. Errors name lines and never quote them, as they may hold
// secrets; with a [*LineError] come the values of the lines that can be read.
func Parse(data []byte) (map[string]string, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return nil, errors.New("the file is UTF-16 (Windows PowerShell's > writes that); save it as UTF-8")
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
			err = fmt.Errorf("%s is set in line %d already; keep one of the two", name, seen[name])
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

// A LineError is about lines that cannot be read, all of them.
type LineError struct {
	problems []string
	lines    []string // their text, which is never shown
}

func (e *LineError) add(number int, line string, err error) {
	e.problems = append(e.problems, fmt.Sprintf("line %d: %v", number, err))
	e.lines = append(e.lines, line)
}

// Error implements error.
func (e *LineError) Error() string { return strings.Join(e.problems, "; ") }

// MayHide reports whether one of these settings may be meant by a line that
// cannot be read.
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
	name, value, ok := strings.Cut(line, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !ok || !regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`).MatchString(name) {
		return "", "", errors.New("need NAME=value")
	}
	value, err = unquote(value)
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", name, err)
	}
	return name, value, nil
}

// unquote returns the value that text, the part after =, stands for.
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
				return "", errors.New("there is more after the closing quote")
			}
			return b.String(), nil
		case text[i] == '\\' && quote == '"' && i+1 < len(text):
			i++
			b.WriteString(escaped(text[i]))
		default:
			b.WriteByte(text[i])
		}
	}
	return "", errors.New("the closing quote is missing (a value ends with its line; write \\n for a line break)")
}

// bare cuts a comment off. It needs a blank in front: a # within a value, such
// as a colour or a URL's fragment, belongs to it.
func bare(text string) string {
	if strings.HasPrefix(text, "#") {
		return ""
	}
	for i := 1; i < len(text); i++ {
		if text[i] == '#' && (text[i-1] == ' ' || text[i-1] == '\t') {
			return strings.TrimSpace(text[:i])
		}
	}
	return text
}

// escaped returns what \c stands for; an unknown escape keeps its backslash,
// so that a Windows path survives.
func escaped(c byte) string {
	switch c {
	case 'n':
		return "\n"
	case 't':
		return "\t"
	case '"', '\\':
		return string(c)
	}
	return `\` + string(c)
}
