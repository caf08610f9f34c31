// Package logview formats the logs of functions and of the gateway for a terminal:
// one line per entry, with time and source, and JSON fields as key=value.
package logview

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode"
)

// View writes the logs of several sources to one terminal.
type View struct {
	// Out is the terminal. Required.
	Out io.Writer
	// Now is the clock; nil means time.Now.
	Now func() time.Time

	mu sync.Mutex
}

// Function returns the writer for a function's log, which takes one line per Write.
func (v *View) Function(name string) io.Writer {
	return writer(func(line string) {
		if text := formatFunction(line); text != "" {
			v.print(name, text)
		}
	})
}

// Access returns the writer for the gateway's access log in its default format.
func (v *View) Access() io.Writer {
	return writer(func(line string) { v.print("gateway", formatAccess(line)) })
}

// Print writes lines of mcpctl itself.
func (v *View) Print(source, format string, args ...any) {
	for line := range strings.Lines(fmt.Sprintf(format, args...)) {
		v.print(source, strings.TrimRight(line, "\r\n"))
	}
}

func (v *View) print(source, text string) {
	now := time.Now
	if v.Now != nil {
		now = v.Now
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	fmt.Fprintf(v.Out, "%s %-10s %s\n", now().Format("15:04:05.000"), source, printable(text))
}

// printable removes control characters (C0, C1), invisible format characters such as
// those that reverse the text direction, and Unicode line separators, because log
// lines contain text from callers.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
			return -1
		}
		return r
	}, s)
}

// writer is a function that is called with the text of each Write, without the line end.
type writer func(line string)

// Write implements io.Writer and never fails.
func (w writer) Write(p []byte) (int, error) {
	w(strings.TrimRight(string(p), "\r\n"))
	return len(p), nil
}

// fields returns the members of a JSON object in order; ok is false if line is
// not an object.
func fields(line string) (pairs [][2]string, ok bool) {
	d := json.NewDecoder(strings.NewReader(line))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, false
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, false
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, false
		}
		pairs = append(pairs, [2]string{fmt.Sprint(name), word(value)})
	}
	return pairs, true
}

// word returns a value, without quotes if it does not need them.
func word(value json.RawMessage) string {
	var s string
	if json.Unmarshal(value, &s) == nil && !strings.ContainsAny(s, " \"=\n\t") && s != "" {
		return s
	}
	return string(value)
}
