package configfile_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/configfile"
)

var (
	path  = []string{"m", "s"}
	entry = clientconfig.Object{{Name: "url", Value: "u"}, {Name: "h", Value: clientconfig.Object{{Name: "x", Value: "k"}}}}
)

func TestSet(t *testing.T) {
	for _, c := range []struct {
		name         string
		format       clientconfig.Format
		before, want string
	}{
		{"null counts as missing", clientconfig.JSON, `{"m": null}`, `{"m": {"s":{"url":"u","h":{"x":"k"}}}}`},
		{"comments only", clientconfig.JSON, "// later", "// later\n{\n  \"m\": {\n    \"s\": {\n      \"url\": \"u\",\n      \"h\": {\n        \"x\": \"k\"\n      }\n    }\n  }\n}\n"},
		{"a member is corrected in its place", clientconfig.JSON, `{"m":{"s":{"h":{"x":"old","y":1}, /* mine */ "url":"u"}}}`, `{"m":{"s":{"h":{"x":"k","y":1}, /* mine */ "url":"u"}}}`},
		{"a name that is written with an escape", clientconfig.JSON, `{"\u006d":{"s":{"url":"u","h":{"x":"k"}}}}`, `{"\u006d":{"s":{"url":"u","h":{"x":"k"}}}}`},
		{"headers as a table", clientconfig.TOML, "[m.s]\nurl = 'old' # c\n[m.s.h]\nx = 'old'\ny = 1\n", "[m.s]\nurl = \"u\" # c\n[m.s.h]\nx = \"k\"\ny = 1\n"},
		{"headers in a line", clientconfig.TOML, "[m.s]\nh = { y = 1, \"x\" = 'old' }\n", "[m.s]\nh = { y = 1, \"x\" = \"k\" }\nurl = \"u\"\n"},
		{"another header in a line", clientconfig.TOML, "[m.s]\nurl = \"u\"\nh = { y = 1 }", "[m.s]\nurl = \"u\"\nh = { y = 1, x = \"k\" }"},
		{"no newline at the end", clientconfig.TOML, "a = 1", "a = 1\n\n[m.s]\nurl = \"u\"\nh = { \"x\" = \"k\" }\n"},
		{"an entry in dotted keys", clientconfig.TOML, "m.s.url = \"old\"\nm.s.h.x = \"k\"\n", "m.s.url = \"u\"\nm.s.h.x = \"k\"\n"},
		{"all in a line", clientconfig.TOML, "m = {}\n", "m = { s = { \"url\" = \"u\", \"h\" = { \"x\" = \"k\" } } }\n"},
		{"nothing below the name", clientconfig.YAML, "m: # mine\nz: 1\n", "m: # mine\n  s:\n    url: u\n    h:\n      x: k\nz: 1\n"},
		{"an empty mapping", clientconfig.YAML, "m: {} # mine\nz: 1\n", "m: # mine\n  s:\n    url: u\n    h:\n      x: k\nz: 1\n"},
		{"indented by four", clientconfig.YAML, "m:\n    a:\n        b: 1\n", "m:\n    a:\n        b: 1\n    s:\n      url: u\n      h:\n        x: k\n"},
		{"members are corrected in their places", clientconfig.YAML, "m:\n  s:\n    # where\n    url: old # c\n    more: 1\n    h: {}\n", "m:\n  s:\n    # where\n    url: u # c\n    more: 1\n    h:\n      x: k\n"},
		{"an empty mapping with comments below", clientconfig.YAML, "m: {}  # mine\n  # a:\n  #   b: 1\n# the end\n", "m: # mine\n  # a:\n  #   b: 1\n  s:\n    url: u\n    h:\n      x: k\n# the end\n"},
		{"an empty mapping at the end, with comments further left", clientconfig.YAML, "m: {}\n# a\n\n# b\n", "m:\n  s:\n    url: u\n    h:\n      x: k\n# a\n\n# b\n"},
		{"nothing below the name but comments", clientconfig.YAML, "m:\n  # a\n\n  # b", "m:\n  # a\n\n  # b\n  s:\n    url: u\n    h:\n      x: k\n"},
		{"comments after the last scalar", clientconfig.YAML, "m:\n  s:\n    h:\n      x: old # c\n      # y: 1\n    url: old\n    # more: 1\n\n  # t:\n# the end\n", "m:\n  s:\n    h:\n      x: k # c\n      # y: 1\n    url: u\n    # more: 1\n\n  # t:\n# the end\n"},
		{"comments in a value that is replaced", clientconfig.YAML, "m:\n  s:\n    url: # a\n      # b\n      old # c\n    h: # d\n      - e # f\n", "m:\n  s:\n    url: u # a\n      # b\n      # c\n    h: # d\n      # f\n      x: k\n"},
		{"comments after the last member", clientconfig.YAML, "m:\n  a: 1\n  # b:\n    # c\n# the end\n...\n", "m:\n  a: 1\n  # b:\n    # c\n  s:\n    url: u\n    h:\n      x: k\n# the end\n...\n"},
		{"no comments", clientconfig.YAML, "m:\n  a: |\n    # a\n\n   # c\n  b: \"x\n    # d\"\n  c: >2-\n     # e\n  # f\n", "m:\n  a: |\n    # a\n\n   # c\n  b: \"x\n    # d\"\n  c: >2-\n     # e\n  # f\n  s:\n    url: u\n    h:\n      x: k\n"},
		{"no newline at the end", clientconfig.YAML, "a: 1", "a: 1\nm:\n  s:\n    url: u\n    h:\n      x: k\n"},
	} {
		got, err := configfile.Set(c.format, []byte(c.before), path, entry)
		if err != nil {
			t.Errorf("%s, %s: %v", c.format, c.name, err)
			continue
		}
		if d := cmp.Diff(c.want, string(got)); d != "" {
			t.Errorf("%s, %s (-want +got):\n%s", c.format, c.name, d)
		}
	}
}

func TestDelete(t *testing.T) {
	for _, c := range []struct {
		name         string
		format       clientconfig.Format
		before, want string
	}{
		{"a missing entry", clientconfig.JSON, `{"m":{"t":1}}`, `{"m":{"t":1}}`},
		{"the last of several", clientconfig.JSON, "{\"m\":{\n  \"t\":1, // t\n  \"s\":2 // s\n}}", "{\"m\":{\n  \"t\":1 // t\n // s\n}}"},
		{"comments before it stay", clientconfig.JSON, "{\"m\":{\n  // s or t\n  \"s\":2,\n  \"t\":1\n}}", "{\"m\":{\n  // s or t\n  \"t\":1\n}}"},
		{"in the middle of a line", clientconfig.TOML, "m = { a = 1, s = 2, b = 3 }\n", "m = { a = 1, b = 3 }\n"},
		{"the first in a line", clientconfig.TOML, "m = { s = 2, b = 3 }\n", "m = { b = 3 }\n"},
		{"dotted keys", clientconfig.TOML, "m.s.a = 1\nm.t = 1\nm.s.b = 1\n", "m.t = 1\n"},
		{"a table and those below", clientconfig.TOML, "[m.t]\na=1\n\n[m.s]\nb=1\n[m.s.c]\nd=1\n[[m.s.e]]\nf=1\n", "[m.t]\na=1\n"},
		{"the only table", clientconfig.TOML, "[m.s]\nb=1\n", ""},
		{"the only one", clientconfig.YAML, "m:\n  # all of them\n  s:\n    url: u\nz: 1\n", "m: {}\n  # all of them\nz: 1\n"},
		{"the last, with comments after it", clientconfig.YAML, "m:\n  t: 1\n  s: # s\n    url: u # s\n    # s\n      # s\n\n  # t:\n    # t\n# the end\n", "m:\n  t: 1\n\n  # t:\n    # t\n# the end\n"},
		{"the only one, with comments around", clientconfig.YAML, "m:  # mine\n  s:\n    url: u\n  # t:\n# the end\n", "m: {}  # mine\n  # t:\n# the end\n"},
		{"before the end of the document", clientconfig.YAML, "m:\n  t: 1\n  s: 1\n...\n# the end\n", "m:\n  t: 1\n...\n# the end\n"},
		{"a comment before the comma", clientconfig.JSON, `{"m":{"s":2 /* s or t */, "t":1}}`, "{\"m\":{ /* s or t */\n \"t\":1}}"},
		{"a comment after the comma", clientconfig.JSON, `{"m":{"s":2, /* s or t */ "t":1}}`, `{"m":{ /* s or t */ "t":1}}`},
		{"comments around a table", clientconfig.TOML, "# s or m\n[m.s] # s\n# s\nb=[ # s\n1]\n# t\n[t]\n# the end", "# s or m\n# t\n[t]\n# the end"},
		{"the first", clientconfig.YAML, "m:\n  s:\n    url: u\n\n  # t\n  t: 1\n", "m:\n\n  # t\n  t: 1\n"},
	} {
		got, err := configfile.Delete(c.format, []byte(c.before), path)
		if err != nil {
			t.Errorf("%s, %s: %v", c.format, c.name, err)
			continue
		}
		if d := cmp.Diff(c.want, string(got)); d != "" {
			t.Errorf("%s, %s (-want +got):\n%s", c.format, c.name, d)
		}
	}
}

// A file that cannot be read, or cannot be changed without risk, is rejected.
func TestRefuses(t *testing.T) {
	for _, c := range []struct {
		format       clientconfig.Format
		before, want string
	}{
		{clientconfig.JSON, `{"m": {`, "not valid JSON"},
		{clientconfig.JSON, `{"m": {"s": 1}} }`, "not valid JSON"},
		{clientconfig.JSON, `[1]`, "the root is not an object"},
		{clientconfig.JSON, `{"m": [1]}`, "m exists, but is not an object"},
		{clientconfig.JSON, `{"m": {}, "m": {}}`, `"m" occurs twice`},
		{clientconfig.TOML, "[m", "not valid TOML"},
		{clientconfig.TOML, "m = 1\n", "m exists, but is not an object"},
		{clientconfig.TOML, "[[m.s]]\na = 1\n", "change it by hand"},
		{clientconfig.YAML, "m: [", "not valid YAML"},
		{clientconfig.YAML, "- a\n", "not a valid YAML settings file"},
		{clientconfig.YAML, "m: [a]\n", "m exists, but is not an object"},
		{clientconfig.YAML, "m: {a: 1}\n", "change it by hand"},
		{clientconfig.YAML, "a: &x {b: 1}\nm: *x\n", "change it by hand"},
		{clientconfig.YAML, "m: &x\n  a: 1\nz: *x\n", "change it by hand"}, // z would change too
		{clientconfig.YAML, "a: 1\n---\nb: 1\n", "several documents"},
	} {
		got, err := configfile.Set(c.format, []byte(c.before), path, entry)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Set in %s %q = %q, %v; want an error with %q", c.format, c.before, got, err, c.want)
		}
		if strings.Contains(c.want, "by hand") && !errors.Is(err, configfile.ErrByHand) {
			t.Errorf("Set in %s %q: %v is not ErrByHand", c.format, c.before, err)
		}
	}
}

func TestLists(t *testing.T) {
	item := clientconfig.Object{{Name: "id", Value: "i"}, {Name: "d", Value: "x"}}
	for _, c := range []struct{ before, added, removed string }{
		{`{}`, "{\n  \"l\": [\n    {\n      \"id\": \"i\",\n      \"d\": \"x\"\n    }\n  ]\n}", "{\n  \"l\": []\n}"},
		{`{"l":[]}`, `{"l":[{"id":"i","d":"x"}]}`, `{"l":[]}`},
		{`{"l":[{"id":"j"} /* j */]}`, "{\"l\":[{\"id\":\"j\"}, /* j */\n    {\"id\":\"i\",\"d\":\"x\"}\n  ]}", ""},
		{`{"l":[{"id":"i","d":"my own words"}]}`, `{"l":[{"id":"i","d":"my own words"}]}`, `{"l":[]}`},
		{`{"l":[1,{"id":"i"},"x",]}`, `{"l":[1,{"id":"i"},"x",]}`, `{"l":[1,"x",]}`},
	} {
		got, err := configfile.Add(clientconfig.JSON, []byte(c.before), "l", item)
		if err != nil {
			t.Errorf("Add to %s: %v", c.before, err)
			continue
		}
		if d := cmp.Diff(c.added, string(got)); d != "" {
			t.Errorf("Add to %s (-want +got):\n%s", c.before, d)
		}
		if got, err = configfile.Remove(clientconfig.JSON, got, "l", "i"); err != nil {
			t.Errorf("Remove from %s: %v", c.added, err)
		} else if d := cmp.Diff(c.removed, string(got)); d != "" && c.removed != "" {
			t.Errorf("Remove from %s (-want +got):\n%s", c.added, d)
		}
	}
	if _, err := configfile.Add(clientconfig.JSON, []byte(`{"l":{}}`), "l", item); !errors.Is(err, configfile.ErrByHand) {
		t.Errorf("Add to an object: %v", err)
	}
}
