package configfile_test

import (
	"bytes"
	"slices"
	"testing"
	"unicode"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/configfile"
)

var formats = []clientconfig.Format{clientconfig.JSON, clientconfig.TOML, clientconfig.YAML}

// FuzzSet: in any file, setting an entry keeps every comment outside the entry. Setting a
// new entry keeps all characters of the file in order, except blanks. Setting it again
// changes nothing, and deleting it loses no comment and no other entry.
func FuzzSet(f *testing.F) {
	for _, seed := range []string{
		"", "{}", `{"m":{"a":1}}`, "// c\n{\"m\": {\"t\": [1, 2,], /* c */}, // d\n}", "{\"m\":null}",
		"/*a*/{/*b*/\"m\"/*c*/:/*d*/{/*e*/\"s\"/*f*/:/*g*/{/*h*/\"url\":/*i*/1/*j*/,/*k*/}/*l*/,/*n*/}/*o*/}",
		"a = 1 # c\n[m.t]\nb = { c = 1 }\n[[x]]\n", "m.a.b = 1\n", "[m]\n\n#\n", "[m.s] # a\nurl = 1 # b\n# c\nh = {} # d\n# e\n[z]#f",
		"m:\n  t:\n    - a\n  u: |\n    x\n# c\n", "m: {}\n", "? a\n: b\n", "\ufeff{}", "a: 1\r\nm:\r\n  b: 2\r\n", "a: \"x\n\n y\"\nm: # c\n",
		"m: # a\n  # b\n  s: # c\n    url: 1 # d\n    # e\n    h: # f\n      - 1 # g\n      # h\n    # i\n  # j\n# k\n",
		"m: {} # a\n  # b\n# c\n", "m: # a\n  s: ! # b", "m:\n  t: |\n   # a\n  # b\n\n  # c\n...\n# d\n",
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
		if there && err == nil {
			deleteKeepsComments(t, format, text)
		}
		if setErr != nil {
			return
		}
		keepsComments(t, format, before, after)
		if again, err := configfile.Set(format, after, path, entry); err != nil || !bytes.Equal(again, after) {
			t.Fatalf("the second time (%v):\n%q\nbecame\n%q", err, after, again)
		}
		object, _ := parent.(map[string]any)
		emptyParent := hasParent && len(object) == 0 || !hasParent
		_, isNull := object["s"]
		makesRoom := format != clientconfig.TOML && (emptyParent || isNull) // a null, and {}
		if !there && !makesRoom && !within(text, string(after)) {
			t.Fatalf("%s: something of\n%q\nis missing in\n%q", format, text, after)
		}
		undone, err := configfile.Delete(format, after, path)
		if err != nil {
			return // reported, and nothing was changed
		}
		if _, found, err := configfile.Get(format, undone, path); found || err != nil {
			t.Fatalf("not deleted from\n%q\n(%v)", undone, err)
		}
		if !there { // so the entry contains no comments
			keepsComments(t, format, before, undone)
		}
	})
}

// deleteKeepsComments deletes the entry of a text that ends with a comment which
// belongs to no entry.
func deleteKeepsComments(t *testing.T, format clientconfig.Format, text string) {
	end := "# the end"
	if format == clientconfig.JSON {
		end = "// the end"
	}
	before := []byte(text + "\n" + end)
	cut, err := configfile.Delete(format, before, path)
	if err != nil {
		return
	}
	keepsComments(t, format, before, cut)
	if !bytes.HasSuffix(bytes.TrimSpace(cut), []byte(end)) {
		t.Fatalf("the last comment is lost:\n%q\nbecame\n%q", before, cut)
	}
}

// keepsComments fails unless the comments outside of the entry, or all if there is no
// entry, are still there after a change. It does not compare their order, which the change
// itself verifies.
func keepsComments(t *testing.T, format clientconfig.Format, before, after []byte) {
	t.Helper()
	want, err := configfile.CommentsOutside(format, before, path)
	if err != nil {
		t.Fatalf("%s %q became a comment: %v", format, before, err)
	}
	got, err := configfile.Comments(format, after)
	if err != nil {
		t.Fatalf("%s %q: %v", format, after, err)
	}
	for _, c := range want {
		i := slices.Index(got, c)
		if i < 0 {
			t.Fatalf("%s: %q is lost:\n%q\nbecame\n%q", format, c, before, after)
		}
		got = slices.Delete(got, i, i+1)
	}
}

// within reports whether all of part's characters except blanks and commas are in whole, in
// the same order.
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
