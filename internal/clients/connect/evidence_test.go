package connect_test

import (
	"context"
	"strings"
	"testing"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/connect"
)

func TestEvidence(t *testing.T) {
	const key = "the-key"
	withKey := server
	withKey.Key = key
	for _, c := range []struct {
		name, id, goos string
		server         clientconfig.Server
		here           string // the variable in the environment
		out            string // output of the program that reads the desktop's environment
		tried          string
		sees           bool
		how            string
	}{
		{"in the file", "cursor", "darwin", withKey, "", "", key, true, "the key is in its file"},
		{"terminal", "codex", "linux", server, key, "", key, true, "is set in this terminal"},
		{"terminal, not set", "codex", "linux", server, "", key, key, false, "is not set in this terminal"},
		{"terminal, another key", "codex", "linux", server, "other", "", key, false, "a different key than the one that was tried"},
		{"not tried", "codex", "linux", server, key, "", "", false, "a key that was not tried"},
		{"to be approved, not set", "kiro", "linux", server, "", "", key, false, "is not set"},
		{"to be approved, in the file", "kiro", "linux", withKey, "", "", key, true, "the key is in its file"},
		{"copilot", "copilot", "linux", server, key, "", key, true, "is set in this terminal"},
		{"asks", "vscode-local", "linux", server, key, key, key, false, "will ask"},
		{"in both places", "cursor", "darwin", server, key, key, key, true, "started from the desktop"},
		{"in both places, another in the desktop's", "cursor", "darwin", server, key, "old", key, false, "a different key"},
		{"to be approved", "kiro", "darwin", server, "", key, key, false, "but it reads only variables that you have approved"},
		{"reads none, a variable is set", "cline", "darwin", server, "", key, key, false, "it reads no variable"},
		{"reads none", "zed", "darwin", server, key, key, key, false, "it reads no variable"},
		{"macOS", "cursor", "darwin", server, "", key + "\n", key, true, "started from the desktop"},
		{"macOS, in the shell only", "cursor", "darwin", server, key, "\n", key, false, "is set in this terminal, but not for programs started from the desktop"},
		{"Linux", "cursor", "linux", server, "", "A=1\nMCP_KEY_WEATHER=" + key + "\n", key, true, "started from the desktop"},
		{"Linux, a longer name", "cursor", "linux", server, "", "MCP_KEY_WEATHER_PROD=" + key + "\n", key, false, "is not set"},
		{"Windows", "cursor", "windows", server, "", "\r\nHKEY_CURRENT_USER\\Environment\r\n    MCP_KEY_WEATHER    REG_SZ    " + key + "\r\n\r\n", key, true, "desktop"},
		{"Windows, another key", "cursor", "windows", server, "", "    MCP_KEY_WEATHER    REG_SZ    old\r\n", key, false, "a different key"},
	} {
		m := connect.Machine{GOOS: c.goos, Getenv: func(name string) string {
			if name == "MCP_KEY_WEATHER" {
				return c.here
			}
			return ""
		}, Run: func(context.Context, string, ...string) (string, error) { return c.out, nil }}
		e := m.Evidence(t.Context(), client(t, c.id), c.server, connect.Tried{Key: c.tried})
		if e.Sees != c.sees || !strings.Contains(e.How, c.how) || strings.Contains(e.How, key) {
			t.Errorf("%s: %t, %q; want %t, …%s…, and not the key", c.name, e.Sees, e.How, c.sees, c.how)
		}
		if unsure := strings.Contains(c.how, "but it "); unsure != (e.Set && !e.Sees) {
			t.Errorf("%s: %+v; whether only the client is unsure: want %t", c.name, e, unsure)
		}
	}
}

// A client with Unsure needs a Caveat that says what to do.
func TestUnsureClientsHaveACaveat(t *testing.T) {
	for _, c := range clientconfig.All() {
		if c.Unsure != "" && c.Caveat == "" {
			t.Errorf("%s: %s, but the caveat is empty", c.ID, c.Unsure)
		}
	}
}

// The evidence says that the server rejected the key, wherever the key is.
func TestEvidenceOfARejectedKey(t *testing.T) {
	const key = "the-key"
	m := connect.Machine{GOOS: "linux", Getenv: func(string) string { return key }}
	literal := server
	literal.Key = key
	for _, s := range []clientconfig.Server{server, literal} {
		e := m.Evidence(t.Context(), client(t, "codex"), s, connect.Tried{Key: key, Rejected: true})
		if e.Sees || !strings.Contains(e.How, "the server rejected that key") || strings.Contains(e.How, key) {
			t.Errorf("%+v", e)
		}
	}
}
