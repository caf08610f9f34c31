package configfile_test

import (
	"bytes"
	"testing"
	"unicode"

	"serverless-mcp/internal/clientconfig"
	"serverless-mcp/internal/configfile"
)

var formats = []clientconfig.Format{clientconfig.JSON, clientconfig.TOML, clientconfig.YAML}

// FuzzSet: whatever the file, setting an entry that was not there keeps every
// character of it in its order, blanks aside (comments included), changes
// nothing the second time, and can be undone without touching other data.
func FuzzSet(f *testing.F) {
	for _, seed := range []string{
		"", "{}", `{"m":{"a":1}}`, "// c\n{\"m\": {\"t\": [1, 2,], /* c */}, // d\n}", "{\"m\":null}",
		"a = 1 # c\n[m.t]\nb = { c = 1 }\n[[x]]\n", "m.a.b = 1\n", "[m]\n\n#\n",
		"m:\n  t:\n    - a\n  u: |\n    x\n# c\n", "m: {}\n", "? a\n: b\n", "\ufeff{}", "a: 1\r\nm:\r\n  b: 2\r\n", "a: \"x\n\n y\"\nm: # c\n",
	} {
		for i := range formats {
			f.Add(seed, uint8(i))
		}
	}
	f.Fuzz(func(t *testing.T, text string, n uint8) {
		format := formats[int(n)%len(formats)]
		before := []byte(text)
		parent, hasParent, err := configfile.Get(format, before, path[:1])
		_, there, _ := configfile.Get(format, before, path)
		after, setErr := configfile.Set(format, before, path, entry)
		if string(before) != text {
			t.Fatalf("the caller's text was changed to %q", before)
		}
		if err != nil && setErr == nil {
			t.Fatalf("not valid (%v), and still changed to %q", err, after)
		}
		if setErr != nil {
			return
		}
		if again, err := configfile.Set(format, after, path, entry); err != nil || !bytes.Equal(again, after) {
			t.Fatalf("the second time (%v):\n%q\nbecame\n%q", err, after, again)
		}
		object, _ := parent.(map[string]any)
		emptyParent := hasParent && len(object) == 0 || !hasParent // null and {} make room
		if !there && !(emptyParent && format != clientconfig.TOML) && !within(text, string(after)) {
			t.Fatalf("%s: something of\n%q\nis missing in\n%q", format, text, after)
		}
		undone, err := configfile.Delete(format, after, path)
		if err != nil {
			return // told, and nothing was changed
		}
		if _, found, err := configfile.Get(format, undone, path); found || err != nil {
			t.Fatalf("not gone from\n%q\n(%v)", undone, err)
		}
	})
}

// within reports whether all of part's characters but blanks and commas are in
// whole, in that order.
func within(part, whole string) bool {
	rest := []rune(whole)
	for _, r := range part {
		if unicode.IsSpace(r) || r == ',' {
			continue
		}
		i := 0
		for i < len(rest) && rest[i] != r {
			i++
		}
		if i == len(rest) {
			return false
		}
		rest = rest[i+1:]
	}
	return true
}
