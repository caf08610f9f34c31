package clientconfig

import (
	"cmp"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// exist returns a Stat function for which only the paths exist; those that end in / are
// folders.
func exist(paths ...string) func(string) (fs.FileInfo, error) {
	files := fstest.MapFS{}
	for _, path := range paths {
		name, isFolder := strings.CutSuffix(strings.TrimPrefix(path, "/"), "/")
		files[name] = &fstest.MapFile{}
		if isFolder {
			files[name].Mode = fs.ModeDir
		}
	}
	return func(path string) (fs.FileInfo, error) { return fs.Stat(files, strings.Trim(path, "/")) }
}

// TestMovedFolders: how each client reads the variables that move its file, also with
// values that people set by mistake.
//
// Seen in the system calls of the programs: Codex CLI 0.171.0, Claude Code 2.1.332,
// Gemini CLI 0.61.0, Qwen Code 0.24.4, GitHub Copilot CLI 1.0.102, opencode 1.18.33; with
// some of the values also Kilo Code 7.7.9 and Amp 0.0.1790142911. Read in the program:
// Cline 3.0.65 (all three variables end in .trim()), Factory Droid 0.215.0. Read in the
// source: Continue (core/util/paths.ts), XDG_CONFIG_HOME of Crush (internal/config/load.go),
// VS Code (userDataPath in src/vs/platform/environment/node), Zed (crates/paths/src/paths.rs,
// in part). Not verified, assumed to be like others: CRUSH_GLOBAL_CONFIG, Goose, Claude
// Desktop.
func TestMovedFolders(t *testing.T) {
	const relative, tilde, folder, missing = "which it resolves", "does not expand the ~", "which is not a folder", "which does not exist"
	all := []struct{ id, variable, value, want, problem string }{
		{"codex", "CODEX_HOME", "/x", "/x/config.toml", ""},
		{"codex", "CODEX_HOME", "/x/", "/x/config.toml", ""},
		{"codex", "CODEX_HOME", "", "/h/.codex/config.toml", ""},
		{"codex", "CODEX_HOME", "relative", "", relative},
		{"codex", "CODEX_HOME", " ", "", relative},
		{"codex", "CODEX_HOME", " /x", "", relative},
		{"codex", "CODEX_HOME", "~/x", "", tilde},
		{"codex", "CODEX_HOME", "~root/x", "", tilde},
		{"codex", "CODEX_HOME", "/none", "/none/config.toml", missing + ", so Codex CLI does not start"},
		{"codex", "CODEX_HOME", "/file", "", folder},
		{"claude-code", "CLAUDE_CONFIG_DIR", "/x", "/x/.claude.json", ""},
		{"claude-code", "CLAUDE_CONFIG_DIR", "/none/", "/none/.claude.json", ""},
		{"claude-code", "CLAUDE_CONFIG_DIR", "", "/h/.claude.json", ""},
		{"claude-code", "CLAUDE_CONFIG_DIR", " ", "", relative},
		{"claude-code", "CLAUDE_CONFIG_DIR", "~", "", tilde},
		{"claude-code", "CLAUDE_CONFIG_DIR", "/file", "", folder},
		{"claude-code", "CLAUDE_CONFIG_DIR", "/old", "/old/.config.json", ""},
		{"copilot", "COPILOT_HOME", "/x", "/x/mcp-config.json", ""},
		{"copilot", "COPILOT_HOME", "rel", "", relative},
		{"copilot", "COPILOT_HOME", "~/x", "", tilde},
		{"copilot", "XDG_CONFIG_HOME", "/x", "/h/.copilot/mcp-config.json", ""},
		{"vscode", "COPILOT_HOME", "/x", "/x/mcp-config.json", ""},
		{"vscode", "COPILOT_HOME", "./x", "", relative},
		{"gemini", "GEMINI_CLI_HOME", "/x", "/x/.gemini/settings.json", ""},
		{"gemini", "GEMINI_CLI_HOME", "x", "", relative},
		{"gemini", "GEMINI_CLI_HOME", "~/x", "", tilde},
		{"gemini", "GEMINI_CLI_HOME", "/file", "", folder},
		{"qwen", "QWEN_HOME", "/x", "/x/settings.json", ""},
		{"qwen", "QWEN_HOME", "~/x", "/h/x/settings.json", ""},
		{"qwen", "QWEN_HOME", "~", "/h/settings.json", ""},
		{"qwen", "QWEN_HOME", "~root/x", "", tilde},
		{"qwen", "QWEN_HOME", "x", "", relative},
		{"opencode", "XDG_CONFIG_HOME", "/x", "/x/opencode/opencode.json", ""},
		{"opencode", "XDG_CONFIG_HOME", "x", "", relative},
		{"opencode-2", "XDG_CONFIG_HOME", "~/x", "", tilde},
		{"kilo", "XDG_CONFIG_HOME", " ", "", relative},
		{"cline", "CLINE_MCP_SETTINGS_PATH", "/x/y.json", "/x/y.json", ""},
		{"cline", "CLINE_MCP_SETTINGS_PATH", " /x/y.json\n", "/x/y.json", ""},
		{"cline", "CLINE_MCP_SETTINGS_PATH", " ", "/h/.cline/data/settings/cline_mcp_settings.json", ""},
		{"cline", "CLINE_MCP_SETTINGS_PATH", "y.json", "", relative},
		{"cline", "CLINE_DATA_DIR", "/x", "/x/settings/cline_mcp_settings.json", ""},
		{"cline", "CLINE_DIR", "/x", "/x/data/settings/cline_mcp_settings.json", ""},
		{"cline", "CLINE_DIR", "~/x", "", tilde},
		{"cline", "", "", "/h/.cline/data/settings/cline_mcp_settings.json", ""},
		{"continue", "CONTINUE_GLOBAL_DIR", "/x", "/x/mcpServers/mcp.json", ""},
		{"continue", "CONTINUE_GLOBAL_DIR", "x", "", relative},
		{"droid", "FACTORY_HOME_OVERRIDE", "/x", "/x/.factory/mcp.json", ""},
		{"droid", "FACTORY_HOME_OVERRIDE", "x", "", relative},
		{"amp", "AMP_SETTINGS_FILE", "/x/s.json", "/x/s.json", ""},
		{"amp", "AMP_SETTINGS_FILE", "~/s.json", "", tilde},
		{"crush", "CRUSH_GLOBAL_CONFIG", "/x", "/x/crush.json", ""},
		{"crush", "XDG_CONFIG_HOME", "/x", "/x/crush/crush.json", ""},
		{"crush", "XDG_CONFIG_HOME", "x", "", relative},
		{"goose", "XDG_CONFIG_HOME", "/x", "/x/goose/config.yaml", ""},
		{"goose", "XDG_CONFIG_HOME", "x", "/h/.config/goose/config.yaml", ""},
		{"goose", "GOOSE_PATH_ROOT", "/x", "/x/config/config.yaml", ""},
		{"goose", "GOOSE_PATH_ROOT", "~/x", "/h/.config/goose/config.yaml", ""},
		{"zed", "XDG_CONFIG_HOME", "/x", "/x/zed/settings.json", ""},
		{"zed", "XDG_CONFIG_HOME", "~/x", "/h/.config/zed/settings.json", ""},
		{"zed", "FLATPAK_XDG_CONFIG_HOME", "/x", "/x/zed/settings.json", ""},
		{"vscode-local", "XDG_CONFIG_HOME", "/x", "/x/Code/User/mcp.json", ""},
		{"vscode-local", "XDG_CONFIG_HOME", "x", "", relative},
		{"claude-desktop", "XDG_CONFIG_HOME", "/x", "/x/Claude/claude_desktop_config.json", ""},
		{"cursor", "XDG_CONFIG_HOME", "x", "/h/.cursor/mcp.json", ""},
	}
	for _, c := range all {
		client, ok := Find(c.id)
		if !ok {
			t.Fatalf("no client %q", c.id)
		}
		f := Folders{GOOS: "linux", Home: "/h", Config: "/h/.config", Stat: exist("/x/", "/file", "/old/.config.json"), Getenv: func(name string) string {
			if name == c.variable {
				return c.value
			}
			return ""
		}}
		if got := client.UserFile(f); got != c.want {
			t.Errorf("%s with %s=%q: %q, want %q", c.id, c.variable, c.value, got, c.want)
		}
		err := cmp.Or(client.Misplaced(f), client.Missing(f))
		var moved *MovedError
		switch {
		case c.problem == "" && err == nil:
		case !errors.As(err, &moved):
			t.Errorf("%s with %s=%q: %v, want a MovedError with %q", c.id, c.variable, c.value, err, c.problem)
		case c.problem == "" || !strings.Contains(strings.Replace(err.Error(), "which "+client.Name, "which it", 1), c.problem) || moved.Variable != c.variable || moved.Do == "":
			t.Errorf("%s with %s=%q: %v, want %q and advice", c.id, c.variable, c.value, err, c.problem)
		}
	}
}

// TestMovesOfOtherSystems: on macOS and Windows, graphical programs do not read
// XDG_CONFIG_HOME.
func TestMovesOfOtherSystems(t *testing.T) {
	for _, c := range []struct{ id, goos, want string }{
		{"vscode-local", "darwin", "/c/Code/User/mcp.json"}, {"zed", "darwin", "/h/.config/zed/settings.json"},
		{"goose", "darwin", "/x/goose/config.yaml"}, {"goose", "windows", "/c/Block/goose/config/config.yaml"},
		{"opencode", "windows", "/x/opencode/opencode.json"},
	} {
		client, _ := Find(c.id)
		f := Folders{GOOS: c.goos, Home: "/h", Config: "/c", Getenv: func(name string) string {
			return map[string]string{"XDG_CONFIG_HOME": "/x"}[name]
		}}
		if got := client.UserFile(f); got != c.want {
			t.Errorf("%s on %s: %q, want %q", c.id, c.goos, got, c.want)
		}
	}
}
