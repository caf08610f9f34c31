package connect_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/configfile"
	"serverless-mcp/internal/clients/connect"
)

// TestOtherKindIsNotMerged: an entry of another kind is an error, whatever URL it
// has; with replace, nothing of it is left.
func TestOtherKindIsNotMerged(t *testing.T) {
	for _, c := range []struct{ name, id, text, why string }{
		{"mcp-remote", "codex", "[mcp_servers.shop]\ncommand = \"npx\"\nargs = [\"-y\", \"mcp-remote\", \"https://abc.example.com/mcp\"]\n", "of another kind: it has"},
		{"environment only", "codex", "[mcp_servers.shop]\nurl = \"https://abc.example.com/mcp\"\n[mcp_servers.shop.env]\nKEY = \"old-key\"\n", "of another kind: it has env"},
		{"dotted keys", "codex", "mcp_servers.shop.command = \"mcp-remote\"\nmcp_servers.shop.args = [\"https://abc.example.com/mcp\"]\n", "of another kind: it has"},
		{"mcp-remote", "cursor", `{"mcpServers":{"shop":{"command":"npx","args":["mcp-remote","https://abc.example.com/mcp","--header","x-api-key:old-key"],"env":{"K":"old-key"}}}}`, "of another kind: it has"},
		{"both", "windsurf", `{"mcpServers":{"shop":{"serverUrl":"https://abc.example.com/mcp","command":"npx"}}}`, "of another kind: it has command"},
		{"another URL member", "windsurf", `{"mcpServers":{"shop":{"url":"https://abc.example.com/mcp","headers":{"x-api-key":"old-key"}}}}`, "its URL is in url, not in serverUrl"},
		{"another URL member", "gemini", `{"mcpServers":{"shop":{"httpUrl":"https://abc.example.com/mcp","headers":{"x-api-key":"old-key"}}}}`, "its URL is in httpUrl, not in url"},
		{"two URL members", "cursor", `{"mcpServers":{"shop":{"url":"https://abc.example.com/mcp","serverUrl":"https://abc.example.com/mcp"}}}`, "its URL is in serverUrl"},
		{"local", "opencode", `{"mcp":{"shop":{"type":"local","command":["npx","mcp-remote","https://abc.example.com/mcp"]}}}`, "of another kind"},
		{"a type without a program", "vscode-local", `{"servers":{"shop":{"type":"stdio","url":"https://abc.example.com/mcp"}}}`, "its type is not HTTP"},
		{"stdio", "goose", "extensions:\n  shop:\n    type: stdio\n    cmd: npx\n    args: [mcp-remote, 'https://abc.example.com/mcp']\n    envs: {K: old-key}\n", "of another kind"},
		{"builtin", "goose", "extensions:\n  shop:\n    type: builtin\n    uri: https://abc.example.com/mcp\n", "its type is not HTTP"},
		{"the URL in a comment or a description", "goose", "extensions:\n  shop:\n    type: streamable_http\n    uri: https://other.example.com/mcp\n    description: https://abc.example.com/mcp\n", "for another server, https://other.example.com/mcp"},
		{"another program", "claude-desktop", `{"mcpServers":{"shop":{"command":"uvx","args":["mcp-proxy","https://abc.example.com/mcp"]}}}`, "it starts another program than mcp-remote"},
		{"a remote entry", "claude-desktop", `{"mcpServers":{"shop":{"url":"https://abc.example.com/mcp"}}}`, "it has url"},
		{"mcp-remote to another server", "claude-desktop", `{"mcpServers":{"shop":{"command":"npx","args":["mcp-remote","https://other.example.com/mcp","--header","X-Origin:https://abc.example.com/mcp"]}}}`, "for another server, https://other.example.com/mcp"},
		{"no object", "zed", `{"context_servers":{"shop":"https://abc.example.com/mcp"}}`, "it is not an object"},
	} {
		path := file(t, c.text)
		_, err := changer(t).Add(client(t, c.id), shop, path, false)
		var other *connect.OtherServerError
		if !errors.As(err, &other) || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s, %s: %v, want an OtherServerError with %q", c.id, c.name, err, c.why)
			continue
		}
		got := add(t, client(t, c.id), shop, path, true)
		empty := ""
		if c.id != "codex" { // a table in TOML needs no container
			empty = strings.ReplaceAll(removed(t, client(t, c.id), c.text), "\x00", "")
		}
		if d := cmp.Diff(add(t, client(t, c.id), shop, file(t, empty), false), got); d != "" {
			t.Errorf("%s, %s, replaced (-as new +got):\n%s", c.id, c.name, d)
		}
		if strings.Contains(got, "old-key") {
			t.Errorf("%s, %s: an old key stays:\n%s", c.id, c.name, got)
		}
	}
}

// removed is a text without the entry shop.
func removed(t *testing.T, c clientconfig.Client, text string) string {
	t.Helper()
	out, err := configfile.Delete(c.Format, []byte(text), append(append([]string{}, c.Path...), "shop"))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestOnlyOurElementChanges: in an entry for the same server, the key's header is replaced,
// whatever its case, and everything else stays, whether the key is in a variable or in the
// file.
func TestOnlyOurElementChanges(t *testing.T) {
	literal := shop
	literal.Key = "the-key"
	for _, c := range []struct{ name, id, before, byVariable, inFile string }{
		{
			"another case", "claude-code",
			`{"mcpServers":{"shop":{"type":"http","url":"https://abc.example.com/mcp","headers":{"X-API-Key":"old"}}}}`,
			`{"mcpServers":{"shop":{"type":"http","url":"https://abc.example.com/mcp","headers":{"x-api-key":"${MCP_KEY_SHOP}"}}}}`,
			`{"mcpServers":{"shop":{"type":"http","url":"https://abc.example.com/mcp","headers":{"x-api-key":"the-key"}}}}`,
		}, {
			"two other cases", "cursor",
			`{"mcpServers":{"shop":{"headers":{"X-Api-Key":"old","A":"b","X-API-KEY":"old"},"url":"https://abc.example.com/mcp"}}}`,
			`{"mcpServers":{"shop":{"headers":{"A":"b","x-api-key":"${env:MCP_KEY_SHOP}"},"url":"https://abc.example.com/mcp"}}}`,
			`{"mcpServers":{"shop":{"headers":{"A":"b","x-api-key":"the-key"},"url":"https://abc.example.com/mcp"}}}`,
		}, {
			"own header", "codex",
			"[mcp_servers.shop]\nurl = \"https://abc.example.com/mcp\"\nhttp_headers = { \"X-Tenant\" = \"acme\" }\n",
			"[mcp_servers.shop]\nurl = \"https://abc.example.com/mcp\"\nhttp_headers = { \"X-Tenant\" = \"acme\" }\nenv_http_headers = { \"x-api-key\" = \"MCP_KEY_SHOP\" }\n",
			"[mcp_servers.shop]\nurl = \"https://abc.example.com/mcp\"\nhttp_headers = { \"X-Tenant\" = \"acme\", x-api-key = \"the-key\" }\n",
		}, {
			"headers of both kinds, in other cases", "codex",
			"[mcp_servers.shop]\nurl = \"https://abc.example.com/mcp\"\nenabled = false\n\n[mcp_servers.shop.env_http_headers]\nX-API-KEY = \"OLD\"\nX-User = \"U\"\n\n[mcp_servers.shop.http_headers]\n\"X-Api-Key\" = 'old'\nX-Tenant = 'a'\n",
			"[mcp_servers.shop]\nurl = \"https://abc.example.com/mcp\"\nenabled = false\n\n[mcp_servers.shop.env_http_headers]\nX-User = \"U\"\nx-api-key = \"MCP_KEY_SHOP\"\n\n[mcp_servers.shop.http_headers]\nX-Tenant = 'a'\n",
			"[mcp_servers.shop]\nurl = \"https://abc.example.com/mcp\"\nenabled = false\n\n[mcp_servers.shop.env_http_headers]\nX-User = \"U\"\n\n[mcp_servers.shop.http_headers]\nX-Tenant = 'a'\nx-api-key = \"the-key\"\n",
		}, {
			"own header and variable", "goose",
			"extensions:\n  shop:\n    enabled: false\n    type: streamable_http\n    uri: https://abc.example.com/mcp\n    env_keys:\n    - OTHER_TOKEN\n    headers:\n      X-Tenant: ${OTHER_TOKEN}\n    timeout: 7\n",
			"extensions:\n  shop:\n    enabled: false\n    type: streamable_http\n    uri: https://abc.example.com/mcp\n    env_keys:\n      - OTHER_TOKEN\n      - MCP_KEY_SHOP\n    headers:\n      X-Tenant: ${OTHER_TOKEN}\n      x-api-key: ${MCP_KEY_SHOP}\n    timeout: 7\n    name: shop\n",
			"extensions:\n  shop:\n    enabled: false\n    type: streamable_http\n    uri: https://abc.example.com/mcp\n    env_keys:\n    - OTHER_TOKEN\n    headers:\n      X-Tenant: ${OTHER_TOKEN}\n      x-api-key: the-key\n    timeout: 7\n    name: shop\n",
		}, {
			"own arguments", "claude-desktop",
			`{"mcpServers":{"shop":{"command":"/usr/bin/npx","args":["-y","mcp-remote@latest","https://abc.example.com/mcp","--header","X-Tenant:acme","--header","X-API-Key: old","--debug"],"env":{"A":"b"}}}}`,
			`{"mcpServers":{"shop":{"command":"/usr/bin/npx","args":["-y", "mcp-remote@latest", "https://abc.example.com/mcp", "--header", "X-Tenant:acme", "--header", "x-api-key:${MCP_KEY_SHOP}", "--debug", "--transport", "http-only"],"env":{"A":"b","MCP_KEY_SHOP":"YOUR-KEY"}}}}`,
			`{"mcpServers":{"shop":{"command":"/usr/bin/npx","args":["-y", "mcp-remote@latest", "https://abc.example.com/mcp", "--header", "X-Tenant:acme", "--header", "x-api-key:${MCP_KEY_SHOP}", "--debug", "--transport", "http-only"],"env":{"A":"b","MCP_KEY_SHOP":"the-key"}}}}`,
		}, {
			"old transport", "cline",
			`{"mcpServers":{"shop":{"type":"sse","url":"https://abc.example.com/mcp","timeout":5,"disabled":true}}}`,
			`{"mcpServers":{"shop":{"type":"streamableHttp","url":"https://abc.example.com/mcp","timeout":5,"disabled":true,"headers":{"x-api-key":"${env:MCP_KEY_SHOP}"}}}}`,
			`{"mcpServers":{"shop":{"type":"streamableHttp","url":"https://abc.example.com/mcp","timeout":5,"disabled":true,"headers":{"x-api-key":"the-key"}}}}`,
		},
	} {
		c2 := client(t, c.id)
		byVariable := add(t, c2, shop, file(t, c.before), false)
		if d := cmp.Diff(c.byVariable, byVariable); d != "" && c2.HidesKey() {
			t.Errorf("%s, %s, by a variable (-want +got):\n%s", c.id, c.name, d)
		}
		if d := cmp.Diff(c.inFile, add(t, c2, literal, file(t, c.before), false)); d != "" {
			t.Errorf("%s, %s, in the file (-want +got):\n%s", c.id, c.name, d)
		}
		// From a variable to the file, and back.
		inFile := add(t, c2, literal, file(t, byVariable), false)
		if strings.Contains(inFile, "MCP_KEY_SHOP") && c.id != "claude-desktop" {
			t.Errorf("%s, %s: the variable stays:\n%s", c.id, c.name, inFile)
		}
		if back := add(t, c2, shop, file(t, inFile), false); strings.Contains(back, "the-key") || c2.HidesKey() && !strings.Contains(back, "MCP_KEY_SHOP") {
			t.Errorf("%s, %s: back to the variable:\n%s", c.id, c.name, back)
		}
	}
}

// TestDisconnectRemovesOnlyOurs: an entry that connect did not write, or that was changed
// since, stays, and the reason is reported.
func TestDisconnectRemovesOnlyOurs(t *testing.T) {
	for _, c := range []struct{ name, id, text, left string }{
		{"a program", "cursor", `{"mcpServers":{"shop":{"command":"npx"}}}`, "was not written by mcpctl"},
		{"a program", "goose", "extensions:\n  shop:\n    type: stdio\n    cmd: npx\n", "was not written by mcpctl"},
		{"no key", "claude-code", `{"mcpServers":{"shop":{"type":"http","url":"https://abc.example.com/mcp","headersHelper":"x"}}}`, "was not written by mcpctl"},
		{"another header", "codex", "[mcp_servers.shop]\nurl = \"https://abc.example.com/mcp\"\nhttp_headers = { \"X-Tenant\" = \"acme\" }\n", "was not written by mcpctl"},
		{"another header beside ours", "cursor", `{"mcpServers":{"shop":{"url":"https://abc.example.com/mcp","headers":{"x-api-key":"k","a":"b"}}}}`, "was not written by mcpctl"},
		{"as connect writes it", "cursor", `{"mcpServers":{"shop":{"url":"https://abc.example.com/mcp","headers":{"x-api-key":"${env:MCP_KEY_SHOP}"}}}}`, ""},
		{"as connect writes it", "codex", "[mcp_servers.shop]\nurl = \"https://abc.example.com/mcp\"\nenv_http_headers = { \"x-api-key\" = \"MCP_KEY_SHOP\" }\n", ""},
		{"as connect writes it", "claude-desktop", strings.TrimSpace(client(t, "claude-desktop").Text(shop)), ""},
	} {
		path := file(t, c.text)
		ch, err := changer(t).Remove(client(t, c.id), "shop", path)
		if err != nil {
			t.Fatal(err)
		}
		if c.left == "" != (ch.Left == "") || !strings.Contains(ch.Left, c.left) || ch.Changed() != (c.left == "") {
			t.Errorf("%s, %s: left because %q, changed %t; want %q", c.id, c.name, ch.Left, ch.Changed(), c.left)
		}
	}
}

// TestDisconnectAfterOthersChanges: later changes by the user and the client stay; what
// connect wrote is removed, with the containers that it created.
func TestDisconnectAfterOthersChanges(t *testing.T) {
	for _, c := range []struct{ name, id, before, from, to, after, left string }{
		{"another setting", "cursor", "{}", "{", `{"theme":"x",`, "{\"theme\":\"x\"\n}", ""},
		{"another server", "cursor", `{"mcpServers":{}}`, `"mcpServers":{`, `"mcpServers":{"b":{"url":"u"},`, `{"mcpServers":{"b":{"url":"u"}}}`, ""},
		{"another setting", "vscode-local", `{"a":1}`, `"a":1`, `"a":2`, `{"a":2}`, ""},
		{"another setting", "goose", "a: 1\n", "a: 1", "a: 2", "a: 2\n", ""},
		{"another setting", "codex", "a = 1\n", "a = 1", "a = 2", "a = 2\n", ""},
		{"another setting", "opencode-2", `{"a":1}`, `"a":1`, `"a":2`, `{"a":2}`, ""},
		{"completed", "codex", "[mcp_servers.shop]\nurl = \"https://abc.example.com/mcp\"\n", "[mcp_servers.shop]", "# mine\n[mcp_servers.shop]", "# mine\n[mcp_servers.shop]\nurl = \"https://abc.example.com/mcp\"\n", ""},
		{"completed", "goose", "extensions:\n  shop:\n    enabled: true\n    name: a\n    type: streamable_http\n    uri: https://abc.example.com/mcp\n", "enabled: true", "enabled: false", "extensions:\n  shop:\n    enabled: false\n    name: a\n    type: streamable_http\n    uri: https://abc.example.com/mcp\n", ""},
		{"another server's URL", "cursor", "{}", "abc.example.com", "other.example.com", "", "now leads elsewhere"},
		{"a program", "codex", "", "url = ", "command = ", "", "now leads elsewhere"},
		{"corrected", "cursor", `{"mcpServers":{"shop":{"url":"https://abc.example.com/mcp","headers":{"X-API-KEY":"old"}}}}`, "", "", "", "was there before mcpctl connect"},
		{"corrected", "codex", "[mcp_servers.shop]\nurl = \"https://abc.example.com/mcp\"\nhttp_headers = { \"X-Api-Key\" = \"old\" }\n", "", "", "", "was there before mcpctl connect"},
	} {
		path := file(t, c.before)
		f := connect.Files{State: t.TempDir(), Settle: -1, NoSync: true}
		if err := change(f.Add(client(t, c.id), shop, path, false)); err != nil {
			t.Errorf("%s, %s: %v", c.id, c.name, err)
			continue
		}
		edited := strings.Replace(read(t, path), c.from, c.to, 1)
		if err := os.WriteFile(path, []byte(edited), 0o600); err != nil {
			t.Fatal(err)
		}
		ch, err := f.Remove(client(t, c.id), "shop", path)
		if err != nil {
			t.Errorf("%s, %s: %v", c.id, c.name, err)
			continue
		}
		if !strings.Contains(ch.Left, c.left) || (c.left == "") != (ch.Left == "") || c.left != "" && ch.Changed() {
			t.Errorf("%s, %s: left because %q, want %q", c.id, c.name, ch.Left, c.left)
		}
		if d := cmp.Diff(c.after, string(ch.After)); d != "" && c.left == "" {
			t.Errorf("%s, %s (-want +got):\n%s", c.id, c.name, d)
		}
	}
}

// TestFileThatConnectCreated is deleted again, with its folders.
func TestFileThatConnectCreated(t *testing.T) {
	for _, id := range []string{"cursor", "codex", "goose", "vscode-local"} {
		home := t.TempDir()
		path := filepath.Join(home, "a", "b", "config")
		f := connect.Files{State: t.TempDir(), Settle: -1, NoSync: true}
		for range 2 { // the second time must be as the first
			if err := change(f.Add(client(t, id), shop, path, false)); err != nil {
				t.Fatal(err)
			}
			if err := change(f.Remove(client(t, id), "shop", path)); err != nil {
				t.Fatal(err)
			}
			if left, err := os.ReadDir(home); err != nil || len(left) != 0 {
				t.Errorf("%s: left: %v, %v", id, left, err)
			}
		}
	}
}

// TestRecordHoldsNoKey: mcpctl's own files contain neither the key that it wrote nor an
// earlier one.
func TestRecordHoldsNoKey(t *testing.T) {
	literal := shop
	literal.Key = "SECRET-ours"
	for id, text := range map[string]string{
		"cursor":       `{"mcpServers":{"a":{"headers":{"x-api-key":"SECRET-a"}},"shop":{"url":"https://abc.example.com/mcp","headers":{"X-API-KEY":"SECRET-old"}},"b":{"env":{"K":"SECRET-b"}}}}`,
		"vscode-local": `{"inputs":[],"servers":{"a":{"headers":{"x-api-key":"SECRET-a"}},"shop":{"command":"SECRET-old"}}}`,
		"codex":        "[mcp_servers.shop]\nurl = \"https://abc.example.com/mcp\"\nhttp_headers = { X-Api-Key = \"SECRET-old\" }\n\n[mcp_servers.b]\nenv = { K = \"SECRET-b\" }\n",
	} {
		for _, s := range []clientconfig.Server{shop, literal} {
			f := connect.Files{State: t.TempDir(), Settle: -1, NoSync: true}
			if err := change(f.Add(client(t, id), s, file(t, text), true)); err != nil {
				t.Fatal(err)
			}
			records, err := filepath.Glob(filepath.Join(f.State, "connected", "*.json"))
			if err != nil || len(records) != 1 {
				t.Fatalf("records: %v, %v", records, err)
			}
			if got := read(t, records[0]); strings.Contains(got, "SECRET") {
				t.Errorf("%s: the record contains a key:\n%s", id, got)
			}
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A file that cannot be changed safely is an error, and is not shortened.
func TestErrorsAreNotLost(t *testing.T) {
	for _, c := range []struct{ name, id, text string }{
		{"inputs is no list", "vscode-local", `{"inputs":{},"servers":{"a":{"url":"u"}}}`},
		{"a header that occurs twice", "cursor", `{"mcpServers":{"shop":{"url":"https://abc.example.com/mcp","headers":{"X-API-Key":"a","X-API-Key":"b"}}}}`},
		{"headers is no object", "cursor", `{"mcpServers":{"shop":{"url":"https://abc.example.com/mcp","headers":{"x-api-key":{}},"headers":{}}}}`},
		{"servers is a list", "zed", `{"context_servers":[]}`},
	} {
		ch, err := changer(t).Add(client(t, c.id), shop, file(t, c.text), false)
		if err == nil {
			t.Errorf("%s: no error, and the file would be %q", c.name, ch.After)
		}
	}
	for _, text := range []string{`{"mcpServers":{"shop":`, `[]`} {
		if ch, err := changer(t).Remove(client(t, "cursor"), "shop", file(t, text)); err == nil {
			t.Errorf("Remove from %q: no error, and the file would be %q", text, ch.After)
		}
	}
}
