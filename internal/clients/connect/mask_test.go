package connect_test

import (
	"errors"
	"strings"
	"testing"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/connect"
)

// However an entry with a key is changed, the diff shows neither the old key nor the new
// one, for any client.
func TestDiffHidesKeys(t *testing.T) {
	old, fresh := server, server
	old.Key, fresh.Key = "the-old-key/1+=", `the"new\key`
	for _, c := range clientconfig.All() {
		literal := add(t, c, old, file(t, ""), false)
		changes := map[string]connect.Change{}
		var err error
		for name, s := range map[string]clientconfig.Server{"another key": fresh, "a reference": server} {
			if changes[name], err = changer(t).Add(c, s, file(t, literal), false); err != nil {
				t.Fatal(err)
			}
		}
		if changes["nothing"], err = changer(t).Remove(c, server.Name, file(t, literal)); err != nil {
			t.Fatal(err)
		}
		if changes["from nothing"], err = changer(t).Add(c, old, file(t, ""), false); err != nil {
			t.Fatal(err)
		}
		for name, ch := range changes {
			text := ch.Diff()
			for _, part := range []string{"the-old", "the\"new", `the\"new`, `new\\key`} {
				if strings.Contains(text, part) {
					t.Errorf("%s, to %s: the key is in the diff:\n%s", c.ID, name, text)
				}
			}
			if name == "another key" && (!strings.Contains(text, "(hidden-1)") || !strings.Contains(text, "(hidden-2)")) {
				t.Errorf("%s: the diff does not show that the key changes:\n%s", c.ID, text)
			}
		}
	}
}

// The entries around have keys too, and the line may be the whole file.
func TestDiffHidesOthersKeys(t *testing.T) {
	for _, c := range []struct {
		id, text string
		shown    []string // not masked
	}{
		{"cursor", `{"mcpServers":{"a":{"headers":{"Authorization":"Bearer SECRET-1","X-Api-Key":"SECRET-2"},"url":"https://u:SECRET-3@example.com/?token=SECRET-4"}}}`, nil},
		{"cursor", `{"mcpServers":{"a":{"args":["-y","x","--header","x-api-key: SECRET-1","--api-key","SECRET-2","--token=SECRET-3"],"env":{"MCP_KEY_A":"SECRET-4"}}}}`, []string{`"--header"`}},
		{"cursor", "{\n  // \"x-api-key\": \"SECRET-1\"\n  \"mcpServers\": {\"a\": {\"headers\": {\"x-api-key\": \"SECRET\\u002d2\"}}}}", nil},
		{"cursor", "{\n  // \"env\": {\"GITHUB_TOKEN\": \"SECRET-1\", \"maxTokens\": 4096}, API_KEY=SECRET-2\n  // --client-secret SECRET-3, a token: none\n  \"mcpServers\": {}}", []string{`"maxTokens": 4096`, "a token: none"}},
		{"cursor", `{"mcpServers":{"a":{"headers":{"Authorization":"Bearer ${env:TOKEN}","x-api-key":"$KEY"}}}}`, []string{"Bearer ${env:TOKEN}", `"$KEY"`}},
		{"opencode", `{"mcp":{"a":{"headers":{"x-api-key":"{env:MCP_KEY_A}"}}}}`, []string{"{env:MCP_KEY_A}"}},
		{"codex", "[mcp_servers.a]\nhttp_headers = { \"x-api-key\" = 'SECRET-1' }\nenv_http_headers = { \"x-api-key\" = \"MCP_KEY_A\" } # x-api-key = SECRET-2\nbearer_token_env_var = \"TOK\"\n", []string{`"MCP_KEY_A"`, `"TOK"`}},
		{"goose", "extensions:\n  a:\n    headers: {x-api-key: SECRET-1}\n    envs:\n      MCP_KEY_A: SECRET-2 # Authorization: Bearer SECRET-3\n", nil},
		{"goose", "extensions:\n  a:\n    headers:\n      x-api-key: \"SECRET\\x2d1\"\n", []string{"cannot be masked"}},
	} {
		ch, err := changer(t).Add(client(t, c.id), server, file(t, c.text), false)
		if err != nil {
			t.Fatal(err)
		}
		text := ch.Diff()
		if strings.Contains(text, "SECRET") {
			t.Errorf("%s: a key of\n%s\nis shown:\n%s", c.id, c.text, text)
		}
		for _, want := range c.shown {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %s of\n%s\nis not shown:\n%s", c.id, want, c.text, text)
			}
		}
	}
}

// An address may hold a key as well.
func TestOtherServersAddress(t *testing.T) {
	path := file(t, `{"mcpServers":{"weather":{"url":"https://u:SECRET@other.example.com/mcp?key=SECRET#SECRET"}}}`)
	_, err := changer(t).Add(client(t, "cursor"), server, path, false)
	var other *connect.OtherServerError
	if !errors.As(err, &other) || other.URL != "https://other.example.com/mcp" {
		t.Errorf("got %v", err)
	}
}
