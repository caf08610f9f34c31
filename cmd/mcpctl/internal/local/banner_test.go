package local

import (
	"strings"
	"testing"

	"serverless-mcp/internal/devserver/local"
)

func TestBannerHidesTheKey(t *testing.T) {
	const plain = "mcp_local_this-is-the-key"
	for _, path := range []string{"", ".mcpctl/api-key"} {
		text := banner("http://127.0.0.1:1/mcp", "", local.Key{Plain: plain, Source: "generated now"}, path)
		if strings.Contains(text, plain) || !strings.Contains(text, "http://127.0.0.1:1/mcp") {
			t.Errorf("banner with path %q:\n%s", path, text)
		}
	}
	if text := banner("http://127.0.0.1:1/mcp", "", local.Key{Source: "none"}, ""); strings.Contains(text, "x-api-key") {
		t.Errorf("there is no key to send:\n%s", text)
	}
}

func TestTryIt(t *testing.T) {
	for _, c := range []struct{ goos, path, want string }{
		{"linux", ".mcpctl/api-key", `-H "x-api-key: $(cat .mcpctl/api-key)"`},
		{"linux", "../a b/api-key", `-H "x-api-key: $(cat '../a b/api-key')"`},
		{"linux", "it's/api-key", `$(cat 'it'\''s/api-key')`},
		{"linux", "", `-H "x-api-key: $API_KEY"`},
		{"darwin", "", `curl -s --noproxy '*' http://127.0.0.1:1/mcp`},
		{"windows", `.mcpctl\api-key`, `'x-api-key' = (Get-Content '.mcpctl\api-key')`},
		{"windows", "", `'x-api-key' = $env:API_KEY`},
		{"windows", "", "-Uri http://127.0.0.1:1/mcp -ContentType application/json `\n"},
	} {
		if got := tryIt(c.goos, "http://127.0.0.1:1/mcp", c.path); !strings.Contains(got, c.want) {
			t.Errorf("tryIt(%s, %q) lacks %s:\n%s", c.goos, c.path, c.want, got)
		}
	}
}
