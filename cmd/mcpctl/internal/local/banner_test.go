package local

import (
	"strings"
	"testing"

	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/test/golden"
)

// The banner of each operating system and place of the key. It never contains the
// key, and no command in it has the key as an argument.
func TestBanner(t *testing.T) {
	const plain = "mcp_local_this-is-the-key"
	var all strings.Builder
	for _, c := range []struct {
		name, goos, path, hint string
		key                    local.Key
	}{
		{"Linux", "linux", ".mcpctl/api-key", "Page for users: http://127.0.0.1:1/\n", local.Key{Plain: plain, Source: "generated now"}},
		{"a path that needs quotes", "linux", "../it's a folder/.mcpctl/api-key", "", local.Key{Plain: plain, Source: "generated earlier"}},
		{"a path with other special characters", "linux", "../{a,b}[1]!/.mcpctl/api-key", "", local.Key{Plain: plain, Source: "generated earlier"}},
		{"macOS, key in the environment", "darwin", "", "", local.Key{Plain: plain, Source: "API_KEY of the environment"}},
		{"Windows", "windows", `..\it's\api-key`, "", local.Key{Plain: plain, Source: "API_KEY of .env"}},
		{"Windows, key in the environment", "windows", "", "", local.Key{Plain: plain, Source: "API_KEY of the environment"}},
		{"no key", "linux", "", "", local.Key{Source: "none (API_KEY=none)"}},
	} {
		text := banner(c.goos, "http://127.0.0.1:1/mcp", c.hint, c.key, c.path)
		if strings.Contains(text, plain) {
			t.Errorf("%s: the banner contains the key:\n%s", c.name, text)
		}
		all.WriteString("-- " + c.name + " --\n" + text)
	}
	golden.Check(t, "testdata/banner.txt", all.String())
}
