package connect_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/connect"
)

// home is a home folder with files in it; HOME stands for it in their texts, and
// PROJECT for the project.
func home(t *testing.T, files map[string]string) clientconfig.Folders {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	f := clientconfig.Folders{GOOS: "linux", Home: dir, Config: filepath.Join(dir, ".config"), Project: filepath.Join(dir, "project")}
	f.Stat = os.Stat
	inHome := strings.NewReplacer("HOME", dir, "PROJECT", f.Project)
	variable, value, _ := strings.Cut(files["ENV"], "=") // ENV is no file, but a variable
	value = inHome.Replace(value)
	f.Getenv = func(name string) string {
		if name == variable {
			return value
		}
		return ""
	}
	for name, text := range files {
		if name == "ENV" {
			continue
		}
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		text = inHome.Replace(text)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

var now = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// TestObstacles: what keeps a client from using an entry that is written
// correctly, and that without it there is no obstacle.
func TestObstacles(t *testing.T) {
	const http = `{"type":"http","url":"https://abc.example.com/mcp"}`
	trusted := map[string]string{".gemini/trustedFolders.json": `{"PROJECT":"TRUST_FOLDER"}`}
	for _, c := range []struct {
		name, id string
		project  bool
		files    map[string]string
		want     string // in the obstacle; empty: there is none
	}{
		{"disabled", "opencode", false, map[string]string{".config/opencode/opencode.json": `{"mcp":{"shop":{"type":"remote","url":"https://abc.example.com/mcp","enabled":false}}}`}, "disabled in this file"},
		{"disabled", "codex", false, map[string]string{".codex/config.toml": "[mcp_servers.shop]\nurl = \"https://abc.example.com/mcp\"\nenabled = false\n"}, "disabled in this file"},
		{"disabled", "goose", false, map[string]string{".config/goose/config.yaml": "extensions:\n  shop:\n    enabled: false\n    uri: https://abc.example.com/mcp\n"}, "disabled in this file"},
		{"disabled", "windsurf", false, map[string]string{".codeium/windsurf/mcp_config.json": `{"mcpServers":{"shop":{"serverUrl":"u","disabled":true}}}`}, "disabled in this file"},
		{"enabled", "windsurf", false, map[string]string{".codeium/windsurf/mcp_config.json": `{"mcpServers":{"shop":{"serverUrl":"u","disabled":false}}}`}, ""},
		{"project wins", "cursor", false, map[string]string{".cursor/mcp.json": `{"mcpServers":{"shop":` + http + `}}`, "project/.cursor/mcp.json": `{"mcpServers":{"shop":{"url":"https://old.example.com"}}}`}, "another entry with this name takes precedence"},
		{"project is the same", "cursor", false, map[string]string{".cursor/mcp.json": `{"mcpServers":{"shop":` + http + `}}`, "project/.cursor/mcp.json": `{"mcpServers":{"shop":` + http + `}}`}, ""},
		{"project wins, disabled", "codex", false, map[string]string{".codex/config.toml": "[mcp_servers.shop]\nurl='u'\n", "project/.codex/config.toml": "[mcp_servers.shop]\nurl='u'\nenabled=false\n"}, "and is disabled"},
		{"local scope, here", "claude-code", false, map[string]string{".claude.json": `{"mcpServers":{"shop":` + http + `},"projects":{"PROJECT":{"mcpServers":{"shop":{"type":"http","url":"https://old.example/mcp"}}}}}`}, "under projects"},
		{"local scope, elsewhere", "claude-code", false, map[string]string{".claude.json": `{"projects":{"/home/me/proj":{"mcpServers":{"shop":{"type":"http","url":"https://old.example/mcp"}}}}}`}, "in /home/me/proj"},
		{"disabled here", "claude-code", false, map[string]string{".claude.json": `{"projects":{"PROJECT":{"disabledMcpServers":["shop"]}}}`}, "is disabled in"},
		{"disabled in a folder above", "claude-code", false, map[string]string{".claude.json": `{"mcpServers":{"shop":` + http + `},"projects":{"HOME":{"disabledMcpServers":["shop"]}}}`}, ""},
		{"denied by name", "claude-code", false, map[string]string{".claude.json": `{"mcpServers":{"shop":` + http + `}}`, ".claude/settings.json": `{"deniedMcpServers":[{"serverName":"shop"}]}`}, "deniedMcpServers lists it"},
		{"denied by URL, by the project", "claude-code", false, map[string]string{".claude.json": `{"mcpServers":{"shop":` + http + `}}`, "project/.claude/settings.json": `{"deniedMcpServers":[{"serverUrl":"https://*.example.com/*"}]}`}, "deniedMcpServers lists it"},
		{"another is denied", "claude-code", false, map[string]string{".claude.json": `{"mcpServers":{"shop":` + http + `}}`, ".claude/settings.json": `{"deniedMcpServers":[{"serverName":"shops"},{"serverUrl":"https://example.com/*"}]}`}, ""},
		{"nothing is allowed", "claude-code", false, map[string]string{".claude.json": `{"mcpServers":{"shop":` + http + `}}`, ".claude/settings.json": `{"allowedMcpServers":[]}`}, "allowedMcpServers does not list it"},
		{"allowed by name", "claude-code", false, map[string]string{".claude.json": `{"mcpServers":{"shop":` + http + `}}`, ".claude/settings.json": `{"allowedMcpServers":[{"serverName":"shop"}]}`}, ""},
		{"allowed by name, with another URL", "claude-code", false, map[string]string{".claude.json": `{"mcpServers":{"shop":` + http + `}}`, ".claude/settings.json": `{"allowedMcpServers":[{"serverName":"shop"},{"serverUrl":"https://other/*"}]}`}, "allowedMcpServers does not list it"},
		{"allowed by URL", "claude-code", false, map[string]string{".claude.json": `{"mcpServers":{"shop":` + http + `}}`, ".claude/settings.json": `{"allowedMcpServers":[{"serverUrl":"https://abc.example.com/*"}]}`}, ""},
		{"all tools are denied", "claude-code", false, map[string]string{".claude/settings.json": `{"permissions":{"deny":["Bash(rm *)","mcp__shop"]}}`}, "permissions.deny lists all of its tools"},
		{"one tool is denied", "claude-code", false, map[string]string{".claude/settings.json": `{"permissions":{"deny":["mcp__shop__calculate","mcp__shops__*"]}}`}, ""},
		{"waits for approval", "claude-code", true, map[string]string{".claude.json": `{"projects":{"PROJECT":{}}}`}, "waits for your approval"},
		{"approved", "claude-code", true, map[string]string{".claude.json": `{"projects":{"PROJECT":{"enabledMcpjsonServers":["shop"],"hasTrustDialogAccepted":true}}}`}, ""},
		{"approved without trust", "claude-code", true, map[string]string{".claude.json": `{"projects":{"PROJECT":{"enabledMcpjsonServers":["shop"]}}}`}, "waits for your approval"},
		{"approved by the project, without trust", "claude-code", true, map[string]string{"project/.claude/settings.json": `{"enabledMcpjsonServers":["shop"]}`}, "waits for your approval"},
		{"approved by the project, trust of another folder", "claude-code", true, map[string]string{".claude.json": `{"projects":{"HOME":{"hasTrustDialogAccepted":true}}}`, "project/.claude/settings.local.json": `{"enabledMcpjsonServers":["shop"]}`}, "waits for your approval"},
		{"all approved by the user", "claude-code", true, map[string]string{".claude/settings.json": `{"enableAllProjectMcpServers":true}`}, ""},
		{"all approved", "claude-code", true, map[string]string{".claude.json": `{"projects":{"PROJECT":{"hasTrustDialogAccepted":true}}}`, "project/.claude/settings.local.json": `{"enableAllProjectMcpServers":true}`}, ""},
		{"rejected", "claude-code", true, map[string]string{"project/.claude/settings.local.json": `{"enableAllProjectMcpServers":true,"disabledMcpjsonServers":["shop"]}`}, "you have rejected it"},
		{"remembered", "claude-code", false, map[string]string{".claude/mcp-needs-auth-cache.json": fmt.Sprintf(`{"shop":{"timestamp":%d}}`, now.Add(-time.Minute).UnixMilli())}, "it remembers for 15 minutes"},
		{"remembered, without a time", "claude-code", false, map[string]string{".claude/mcp-needs-auth-cache.json": `{"shop":{}}`}, "it remembers for 15 minutes"},
		{"remembered long ago", "claude-code", false, map[string]string{".claude/mcp-needs-auth-cache.json": fmt.Sprintf(`{"shop":{"timestamp":%d}}`, now.Add(-16*time.Minute).UnixMilli())}, ""},
		{"remembered of another", "claude-code", false, map[string]string{".claude/mcp-needs-auth-cache.json": `{"other":{}}`}, ""},
		{"not trusted", "codex", true, map[string]string{".codex/config.toml": "model='x'\n"}, "not trusted"},
		{"trusted", "codex", true, map[string]string{".codex/config.toml": "[projects.\"PROJECT\"]\ntrust_level = \"trusted\"\n"}, ""},
		{"not trusted", "gemini", false, nil, "disables all servers there, including your own"},
		{"trusted", "gemini", false, trusted, ""},
		{"trust is off", "gemini", false, map[string]string{".gemini/settings.json": `{"security":{"folderTrust":{"enabled":false}}}`}, ""},
		{"the parent is trusted", "gemini", false, map[string]string{".gemini/trustedFolders.json": `{"PROJECT":"TRUST_PARENT"}`}, ""},
		{"trust was denied", "gemini", true, map[string]string{".gemini/trustedFolders.json": `{"PROJECT":"DO_NOT_TRUST"}`}, "not a trusted folder"},
		{"excluded", "gemini", false, map[string]string{".gemini/settings.json": `{"mcp":{"excluded":["shop"]},"security":{"folderTrust":{"enabled":false}}}`}, "mcp.excluded lists it"},
		{"not allowed", "qwen", false, map[string]string{".qwen/settings.json": `{"mcp":{"allowed":["other"]}}`}, "mcp.allowed does not list it"},
		{"allowed", "qwen", false, map[string]string{".qwen/settings.json": `{"mcp":{"allowed":["shop"]}}`}, ""},
		{"trust of the parent, not of the folder", "gemini", false, map[string]string{".gemini/trustedFolders.json": `{"HOME":"TRUST_FOLDER","PROJECT":"DO_NOT_TRUST"}`}, "not a trusted folder"},
		{"trust of the folder, not of the parent", "gemini", false, map[string]string{".gemini/trustedFolders.json": `{"HOME":"DO_NOT_TRUST","PROJECT":"TRUST_FOLDER"}`}, ""},
		{"another list of trusted folders", "gemini", false, map[string]string{"ENV": "GEMINI_CLI_TRUSTED_FOLDERS_PATH=HOME/t.json", "t.json": `{"PROJECT":"TRUST_FOLDER"}`}, ""},
		{"a variable grants trust", "gemini", false, map[string]string{"ENV": "GEMINI_CLI_TRUST_WORKSPACE=true"}, ""},
		{"a variable removes trust", "gemini", false, map[string]string{"ENV": "GEMINI_RESTRICTED_MODE=true", ".gemini/trustedFolders.json": trusted[".gemini/trustedFolders.json"]}, "makes every folder untrusted"},
		{"excluded for the machine", "gemini", false, map[string]string{"ENV": "GEMINI_CLI_SYSTEM_SETTINGS_PATH=HOME/system.json", "system.json": `{"mcp":{"excluded":["shop"]},"security":{"folderTrust":{"enabled":false}}}`}, "mcp.excluded lists it, in HOME/system.json"},
		{"not allowed by the defaults", "gemini", false, map[string]string{"ENV": "GEMINI_CLI_SYSTEM_SETTINGS_PATH=HOME/system.json", "system-defaults.json": `{"mcp":{"allowed":["x"]},"security":{"folderTrust":{"enabled":false}}}`}, "mcp.allowed does not list it, in HOME/system-defaults.json"},
		{"nothing is allowed", "gemini", false, map[string]string{".gemini/settings.json": `{"mcp":{"allowed":[]},"security":{"folderTrust":{"enabled":false}}}`}, "mcp.allowed does not list it"},
		{"the machine's entry wins", "gemini", false, map[string]string{"ENV": "GEMINI_CLI_SYSTEM_SETTINGS_PATH=HOME/system.json", "system.json": `{"mcpServers":{"shop":{"url":"https://x"}},"security":{"folderTrust":{"enabled":false}}}`}, "another entry with this name takes precedence, in HOME/system.json"},
		{"no tools", "gemini", false, map[string]string{".gemini/settings.json": `{"mcpServers":{"shop":{"url":"u","includeTools":[]}},"security":{"folderTrust":{"enabled":false}}}`}, "its includeTools is an empty list"},
		{"disabled", "gemini", false, map[string]string{".gemini/mcp-server-enablement.json": `{"shop":{"enabled":false}}`, ".gemini/settings.json": `{"security":{"folderTrust":{"enabled":false}}}`}, "it is disabled, in"},
		{"some tools", "qwen", false, map[string]string{".qwen/settings.json": `{"mcpServers":{"shop":{"httpUrl":"u","includeTools":["a"]}}}`}, ""},
		{"no tools", "codex", false, map[string]string{".codex/config.toml": "[mcp_servers.shop]\nurl='u'\nenabled_tools=[]\n"}, "its enabled_tools is an empty list"},
		{"excluded by a pattern", "qwen", false, map[string]string{".qwen/settings.json": `{"mcp":{"excluded":["sh?p*"]}}`}, "mcp.excluded lists it"},
		{"the project's .mcp.json wins", "qwen", false, map[string]string{".qwen/settings.json": `{"mcpServers":{"shop":{"httpUrl":"u"}}}`, "project/.mcp.json": `{"mcpServers":{"shop":` + http + `}}`}, "another entry with this name takes precedence"},
		{"waits for approval", "qwen", true, map[string]string{"project/.qwen/settings.json": `{"mcpServers":{"shop":{"httpUrl":"u"}}}`}, "waits for your approval"},
		{"rejected", "qwen", true, map[string]string{"project/.qwen/settings.json": `{"mcpServers":{"shop":{"httpUrl":"u"}}}`, ".qwen/mcpApprovals.json": `{"PROJECT":{"shop":{"status":"rejected"}}}`}, "you have rejected it"},
		{"approved", "qwen", true, map[string]string{"ENV": "K=v<1>", "project/.qwen/settings.json": `{"mcpServers":{"shop":{"httpUrl":"https://abc.example.com/mcp","headers":{"x-api-key":"$K"},"description":"d"}}}`, ".qwen/mcpApprovals.json": `{"PROJECT":{"shop":{"status":"approved","hash":"6d5ddc044328b0961e356f1eddbe297463ab779c63350e9c336f40c6224e0560"}}}`}, ""},
		{"approved, and changed", "qwen", true, map[string]string{"project/.qwen/settings.json": `{"mcpServers":{"shop":{"httpUrl":"u"}}}`, ".qwen/mcpApprovals.json": `{"PROJECT":{"shop":{"status":"approved","hash":"6d5ddc044328b0961e356f1eddbe297463ab779c63350e9c336f40c6224e0560"}}}`}, "was changed since you approved it"},
		{"disabled", "copilot", false, map[string]string{".copilot/settings.json": `{"disabledMcpServers":["shop"]}`}, "disabledMcpServers lists it"},
		{"trusted in the settings", "copilot", true, map[string]string{".copilot/settings.json": `{"trustedFolders":["PROJECT"]}`}, ""},
		{"the project's other folder wins", "opencode", false, map[string]string{".config/opencode/opencode.json": `{"mcp":{"shop":{"type":"remote","url":"u"}}}`, "project/.opencode/opencode.jsonc": `{"mcp":{"shop":{"enabled":false}}}`}, "and is disabled"},
		{"a variable's file wins", "kilo", false, map[string]string{"ENV": "KILO_CONFIG=HOME/k.json", "k.json": `{"mcp":{"shop":{"type":"remote","url":"v"}}}`}, "another entry with this name takes precedence, in HOME/k.json"},
		{"a variable's text wins", "opencode", true, map[string]string{"ENV": `OPENCODE_CONFIG_CONTENT={"mcp":{"shop":{"enabled":false}}}`}, "in the variable OPENCODE_CONFIG_CONTENT"},
		{"tools are off", "opencode", false, map[string]string{".config/opencode/opencode.json": `{"tools":{"shop*":false}}`}, `tools switches off all of its tools by "shop*"`},
		{"tools are denied", "kilo", false, map[string]string{".config/kilo/kilo.json": `{"permission":{"shop_*":"deny"}}`}, `permission switches off all of its tools by "shop_*"`},
		{"one tool is off", "opencode", false, map[string]string{".config/opencode/opencode.json": `{"tools":{"shop_calculate":false,"shops*":false},"permission":{"*":"ask"}}`}, ""},
		{"rejected by a rule", "amp", false, map[string]string{".config/amp/settings.json": `{"amp.mcpServers":{"shop":{"url":"https://abc.example.com/mcp"}},"amp.mcpPermissions":[{"matches":{"url":"*"},"action":"reject"}]}`}, "amp.mcpPermissions rejects its URL"},
		{"allowed by a rule before", "amp", false, map[string]string{".config/amp/settings.json": `{"amp.mcpServers":{"shop":{"url":"https://abc.example.com/mcp"}},"amp.mcpPermissions":[{"matches":{"url":"*example.com/*"},"action":"allow"},{"matches":{"url":"*"},"action":"reject"}]}`}, ""},
		{"switched off as a whole", "vscode-local", false, map[string]string{".config/Code/User/settings.json": `{"chat.mcp.access":"none"}`}, "chat.mcp.access is none"},
		{"switched off in a moved folder", "vscode", false, map[string]string{"ENV": "XDG_CONFIG_HOME=HOME/moved", "moved/Code/User/settings.json": `{"chat.mcp.access":"none"}`}, "chat.mcp.access is none"},
		{"switched off in a folder that is not read", "vscode", false, map[string]string{"ENV": "XDG_CONFIG_HOME=HOME/moved", ".config/Code/User/settings.json": `{"chat.mcp.access":"none"}`}, ""},
		{"switched off for the project", "vscode", true, map[string]string{"project/.vscode/settings.json": `{"chat.mcp.enabled":false}`}, "chat.mcp.enabled is false"},
		{"not trusted", "copilot", true, nil, "not a trusted folder"},
		{"trusted", "copilot", true, map[string]string{".copilot/config.json": `{"trusted_folders":["PROJECT"]}`}, ""},
		{"not in a project", "copilot", false, nil, ""},
		{"own data wins", "crush", false, map[string]string{".config/crush/crush.json": `{"mcp":{"shop":` + http + `}}`, ".local/share/crush/crush.json": `{"mcp":{"shop":{"disabled":true}}}`}, "another entry with this name takes precedence, in HOME/.local/share/crush/crush.json, and is disabled"},
		{"own data has a token only", "crush", false, map[string]string{".config/crush/crush.json": `{"mcp":{"shop":` + http + `}}`, ".local/share/crush/crush.json": `{"mcp":{"shop":{"oauth_token":{}}}}`}, ""},
		{"second name", "crush", true, map[string]string{"project/crush.json": `{"mcp":{"shop":` + http + `}}`, "project/.crush.json": `{"mcp":{"shop":{"type":"http","url":"https://old.example"}}}`}, "another entry with this name takes precedence"},
		{"another file", "continue", false, map[string]string{".continue/mcpServers/mcp.json": `{"mcpServers":{"shop":` + http + `}}`, ".continue/mcpServers/old.json": `{"mcpServers":{"shop":{"url":"https://old.example"}}}`}, "another entry with this name takes precedence"},
	} {
		f := home(t, c.files)
		path := client(t, c.id).UserFile(f)
		if c.project {
			path = client(t, c.id).ProjectFile(f)
		}
		found := connect.Obstacles(client(t, c.id), "shop", path, f, now)
		if c.want == "" && len(found) > 0 || c.want != "" && len(found) != 1 {
			t.Errorf("%s, %s: %+v, want %q", c.id, c.name, found, c.want)
			continue
		}
		c.want = strings.ReplaceAll(c.want, "HOME", f.Home)
		if c.want != "" && (!strings.Contains(found[0].What, c.want) || found[0].Do == "") {
			t.Errorf("%s, %s: %+v, want %q and advice", c.id, c.name, found[0], c.want)
		}
	}
}

// TestExamine: the files of all clients are examined in the same way, and no key is shown.
func TestExamine(t *testing.T) {
	f := home(t, map[string]string{
		".cursor/mcp.json":                  `{"mcpServers":{"literal":{"url":"https://a","headers":{"x-api-key":"SECRET-1"}},"stale":{"url":"https://a","headers":{"Authorization":"Bearer ${env:UNSET_TOKEN}"}},"fine":{"url":"https://a"}}}`,
		".codex/config.toml":                "[mcp_servers.off]\nurl = 'https://a'\nenabled = false\nenv_http_headers = { \"x-api-key\" = \"UNSET_KEY\" }\n",
		".config/goose/config.yaml":         "extensions:\n  old:\n    type: sse\n    uri: https://a\n",
		".gemini/settings.json":             `{"security":{"folderTrust":{"enabled":false}},"mcpServers":{"dep":{"httpUrl":"https://a"}}}`,
		".codeium/windsurf/mcp_config.json": `{"mcpServers":`,
		".config/opencode/opencode.json":    `{"mcp":{"servers":{}}}`,
		".claude.json":                      `{"mcpServers":{"via":{"command":"npx","args":["-y","mcp-remote","https://a","--header","x-api-key:SECRET-2"]},"set":{"type":"http","url":"https://a","headers":{"x-api-key":"${SET_KEY}"}}}}`,
		"project/.cursor/mcp.json":          `{"mcpServers":{"committed":{"url":"https://a","headers":{"X-API-Key":"SECRET-3"}}}}`,
		"project/.git/HEAD":                 "",
	})
	m := connect.Machine{GOOS: "linux", Getenv: func(name string) string { return map[string]string{"SET_KEY": "k"}[name] }, Run: noProgram}
	problems, files, entries := m.Examine(t.Context(), f, connect.Repositories{}, now)
	if files != 8 || entries != 9 {
		t.Errorf("%d files and %d entries, want 8 and 9", files, entries)
	}
	var all []string
	for _, p := range problems {
		all = append(all, p.Client.ID+" "+p.Entry+": "+p.What+" | "+p.Do)
	}
	text := strings.Join(all, "\n")
	for _, want := range []string{
		"cursor literal: a key is in the file itself", "cursor stale: its variable UNSET_TOKEN is not set", "cursor committed: a key is in the file itself, which the repository",
		"codex off: it is disabled in this file", "codex off: its variable UNSET_KEY is not set", "goose old: its type is sse", "gemini dep: its URL is in httpUrl",
		"windsurf : it cannot be read", "claude-code via: a key is in the file", "claude-code via: it starts mcp-remote",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("not found: %s; in\n%s", want, text)
		}
	}
	if len(problems) != 10 || strings.Contains(text, "SECRET") {
		t.Errorf("%d problems, want 10, and no key:\n%s", len(problems), text)
	}
}
