package connect_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"serverless-mcp/internal/clients/connect"
)

// TestOddFiles connects files that are unusual or invalid. A file that can be connected is
// connected once, and disconnect restores its bytes. A file that is rejected stays
// unchanged, with a reason. No key is shown.
func TestOddFiles(t *testing.T) {
	const url = "https://abc.example.com/mcp"
	for _, c := range []struct {
		name, id, text string
		want           string // in the error; empty: it connects
	}{
		{"comment at the end without a newline", "cursor", `{"mcpServers":{"a":{"url":"u"}}} // end`, ""},
		{"the same in other clients", "zed", "{} // end", ""},
		{"comments everywhere", "kilo", "/*0*/ { // 1\n /*2*/ \"mcp\" /*3*/ : /*4*/ { /*5*/ \"a\" /*6*/: /*7*/ {\"url\":\"u\"} /*8*/ , /*9*/ } /*10*/ , /*11*/ } /*12*/ // 13", ""},
		{"comment only, no newline", "cursor", "// only", ""},
		{"lone surrogate", "cursor", `{"a":"\ud800","mcpServers":{}}`, ""},
		{"names of JavaScript", "claude-code", `{"__proto__":{"a":1},"mcpServers":{"__proto__":{"url":"u"},"constructor":{"url":"v"}}}`, ""},
		{"names equal in another case or form", "gemini", "{\"mcpServers\":{\"Shop\":{\"url\":\"u\"},\"shop \":{\"url\":\"v\"},\"sho\u0308p\":{\"url\":\"w\"},\"\":{\"url\":\"x\"}}}", ""},
		{"others twice", "cursor", `{"mcpServers":{"a":{"url":"1"},"a":{"url":"2"}},"z":1,"z":2}`, ""},
		{"twice, once escaped", "cursor", `{"mcpServers":{},"mcp\u0053ervers":{}}`, "occurs twice"},
		{"numbers", "cursor", `{"n":123456789012345678901234567890.5e400,"m":-0,"mcpServers":{}}`, ""},
		{"null", "cursor", "null", "the root is not an object"},
		{"UTF-16", "cursor", "\xff\xfe{\x00}\x00", "not valid JSON"},
		{"two byte order marks", "cursor", "\ufeff\ufeff{}", "not valid JSON"},
		{"zeros", "cursor", "\x00\x00\x00\x00", "not valid JSON"},
		{"headers in another spelling", "crush", `{"mcp":{"shop":{"type":"http","url":"` + url + `","Headers":{"x-api-key":"SECRET-1"}}}}`, "it has Headers, which is headers in another spelling"},
		{"headers in another spelling", "codex", "[mcp_servers.shop]\nurl = \"" + url + "\"\nhttp-headers = { \"x-api-key\" = \"SECRET-1\" }\n", "it has http-headers, which is http_headers in another spelling"},
		{"headers as a list", "cursor", `{"mcpServers":{"shop":{"url":"` + url + `","headers":["x-api-key: SECRET-1"]}}}`, "its headers is not an object"},
		{"headers as text", "goose", "extensions:\n  shop:\n    uri: " + url + "\n    headers: 'x-api-key: SECRET-1'\n", "its headers is not an object"},
		{"key in a variable of any name", "cursor", `{"mcpServers":{"shop":{"command":"npx","env":{"K":"SECRET-1"}}}}`, "of another kind"},
		{"key in a variable of any name", "goose", "extensions:\n  shop:\n    type: stdio\n    cmd: npx\n    envs: {K: SECRET-1}\n", "of another kind"},
		{"dotted keys", "codex", "mcp_servers.shop.url = \"" + url + "\"\nmcp_servers.shop.http_headers.\"X-Api-Key\" = \"SECRET-1\"\n", "by hand"},
		{"reopened tables", "codex", "[mcp_servers.a]\nurl = \"u\"\n[other]\nx = 1\n[mcp_servers.b]\nurl = \"v\"\n[mcp_servers.a.http_headers]\nX = \"y\"\n", ""},
		{"tables inside of strings", "codex", "s = \"\"\"\n[mcp_servers.shop]\nurl = \"x\"\n\"\"\"\nt = '''\n[mcp_servers]\n'''\n", ""},
		{"array of tables", "codex", "[[mcp_servers]]\nname = \"a\"\n", "exists, but is not an object"},
		{"braces", "goose", "extensions: {a: {uri: u}}\n", "extensions is written in braces"},
		{"JSON", "goose", `{"extensions": {"a": {"uri": "u"}}}`, "the file as a whole is written in braces"},
		{"alias", "goose", "x: &e\n  a: {uri: u}\nextensions: *e\n", "extensions is an alias (*e) of something else"},
		{"null", "goose", "~\n", "the root of the file is not an object"},
		{"text, perhaps a key", "goose", "SECRET-1\n", "the root is not a mapping"},
		{"names twice", "goose", "extensions:\n  a: {uri: u}\nextensions:\n  b: {uri: v}\n", "a name occurs twice"},
		{"merge key", "goose", "base: &b\n  timeout: 5\nextensions:\n  a:\n    <<: *b\n    uri: u\n", ""},
		{"block scalars that look like entries", "goose", "s: |\n  extensions:\n    shop:\n      uri: x\nextensions:\n  a:\n    uri: u\nlast: |+\n  text\n\n\n", ""},
		{"aliases that grow exponentially", "goose", "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\nextensions: {}\n", "excessive aliasing"},
	} {
		client, path := client(t, c.id), file(t, c.text)
		f := connect.Files{State: t.TempDir(), Settle: -1, NoSync: true}
		ch, err := f.Add(client, shop, path, false)
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "SECRET") {
				t.Errorf("%s, %s: %v, want %q and no key", c.id, c.name, err, c.want)
			}
			if left, err := os.ReadDir(filepath.Dir(path)); read(t, path) != c.text || len(left) != 1 || err != nil {
				t.Errorf("%s, %s: refused, but the file was written: %q, %v", c.id, c.name, read(t, path), left)
			}
			replaceOdd(t, f, c.id, path, c.name)
			continue
		}
		if err := change(ch, err); err != nil {
			t.Errorf("%s, %s: %v", c.id, c.name, err)
			continue
		}
		if again, err := f.Add(client, shop, path, false); err != nil || again.Changed() {
			t.Errorf("%s, %s: connected twice: %v\n%s", c.id, c.name, err, again.After)
		}
		if !has(t, client, path, shop) || strings.HasSuffix(read(t, path), "\n") && strings.HasSuffix(c.text, "end") {
			t.Errorf("%s, %s: connected: %q", c.id, c.name, read(t, path))
		}
		if err := change(f.Remove(client, shop.Name, path)); err != nil || read(t, path) != c.text {
			t.Errorf("%s, %s: %v, before and after:\n%q\n%q", c.id, c.name, err, c.text, read(t, path))
		}
	}
}

// replaceOdd tests that replacing an entry leaves no key of it in the file or in the diff.
func replaceOdd(t *testing.T, f connect.Files, id, path, name string) {
	t.Helper()
	if !strings.Contains(read(t, path), "SECRET") || !strings.Contains(read(t, path), "shop") {
		return
	}
	ch, err := f.Add(client(t, id), shop, path, true)
	if err != nil {
		t.Errorf("%s, %s, replaced: %v", id, name, err)
	} else if strings.Contains(ch.Diff(), "SECRET") || strings.Contains(string(ch.After), "SECRET") {
		t.Errorf("%s, %s, replaced: a key stays:\n%s\n%s", id, name, ch.Diff(), ch.After)
	}
}
