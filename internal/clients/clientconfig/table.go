package clientconfig

import "slices"

// anywhere returns a user-level file with the same path on every system.
func anywhere(name string) map[string]string { return map[string]string{"": name} }

// Ways in which clients write the value of an environment variable.
func envColon(v string) string    { return "${env:" + v + "}" }
func dollarBrace(v string) string { return "${" + v + "}" }
func dollar(v string) string      { return "$" + v }
func braceEnv(v string) string    { return "{env:" + v + "}" }

func headers(key string) Object { return Object{{"x-api-key", key}} }

// remote returns the most common entry: a URL and headers, under the client's name
// for the URL, with a type if the client needs one.
func remote(kind, urlName string) func(Server, string) Object {
	return func(s Server, key string) Object {
		var o Object
		if kind != "" {
			o = append(o, Member{"type", kind})
		}
		return append(o, Member{urlName, s.URL}, Member{"headers", headers(key)})
	}
}

// remoteSignin is like [remote], for an endpoint at which people sign in.
func remoteSignin(kind, urlName string) func(Server) Object {
	return func(s Server) Object {
		if kind == "" {
			return Object{{urlName, s.URL}}
		}
		return Object{{"type", kind}, {urlName, s.URL}}
	}
}

// All returns the clients, the best known first, with formats and pages as of 2026-11-28.
func All() []Client {
	return slices.Concat(editors(), assistants(), terminals())
}

func editors() []Client {
	return []Client{
		{
			ID: "cursor", Name: "Cursor", Docs: "https://cursor.com/docs/mcp",
			Format: JSON, Path: []string{"mcpServers"},
			Program: "cursor",
			project: ".cursor/mcp.json", user: anywhere("~/.cursor/mcp.json"),
			reference: envColon, entry: remote("", "url"), link: cursorLink,
			signin: remoteSignin("", "url"),
			login:  browserOpens("In Cursor's settings, under MCP, choose Connect next to the server."),
		},
		{
			ID: "windsurf", Name: "Windsurf", Docs: "https://docs.windsurf.com/windsurf/cascade/mcp",
			Format: JSON, Path: []string{"mcpServers"},
			Program:   "windsurf",
			user:      anywhere("~/.codeium/windsurf/mcp_config.json"),
			reference: envColon, entry: remote("", "serverUrl"),
			signin: remoteSignin("", "serverUrl"),
			login:  browserOpens("In Cascade, open the MCPs and refresh the server."),
			Caveat: "It offers at most 100 tools, all servers together.",
		},
		{
			ID: "vscode", Name: "VS Code", Docs: "https://code.visualstudio.com/docs/copilot/customization/mcp-servers",
			Format: JSON, Path: []string{"mcpServers"},
			Program: "code",
			project: ".mcp.json", user: anywhere("~/.copilot/mcp-config.json"), moves: []move{{variable: "COPILOT_HOME", below: "mcp-config.json"}},
			reference: dollarBrace, entry: remote("http", "url"),
			signin: remoteSignin("http", "url"),
			login:  browserOpens("Run \"MCP: List Servers\" in the command palette, start the server, and allow the sign-in."),
			Caveat: "Its Local, Copilot, Claude and Codex agents read these files. For its Local agent alone, which asks for the key instead, use vscode-local.",
		},
		{
			ID: "vscode-local", Name: "VS Code (Local agent)", Docs: "https://code.visualstudio.com/docs/copilot/customization/mcp-servers",
			Format: JSON, Path: []string{"servers"},
			Asks:    true,
			project: ".vscode/mcp.json", user: anywhere("@/Code/User/mcp.json"), moves: []move{desktopXDG("Code/User/mcp.json")},
			reference: vscodeInput, entry: remote("http", "url"), extra: vscodeInputs, link: vscodeLink, command: vscodeCommand,
			signin: remoteSignin("http", "url"),
			login:  browserOpens("Run \"MCP: List Servers\" in the command palette, start the server, and allow the sign-in."),
			Caveat: "Only the Local agent reads it, as it asks for the key. On any 401 or 403 it offers \"client registration\": that means the key did not arrive, or was rejected.",
		},
		{
			ID: "zed", Name: "Zed", Docs: "https://zed.dev/docs/ai/mcp",
			Format: JSON, Path: []string{"context_servers"},
			Program: "zed",
			project: ".zed/settings.json", user: map[string]string{"": "~/.config/zed/settings.json", "windows": "@/Zed/settings.json"},
			moves: []move{ // crates/paths/src/paths.rs
				{variable: "FLATPAK_XDG_CONFIG_HOME", below: "zed/settings.json", goos: "linux"},
				{variable: "XDG_CONFIG_HOME", below: "zed/settings.json", goos: "linux", onlyAbsolute: true},
			},
			entry:  remote("", "url"),
			signin: remoteSignin("", "url"),
			login:  browserOpens("In the settings of Zed's agent panel, choose Authenticate next to the server."),
			Caveat: "It expands no variables: the key has to be in the file, so use the user's file, never the project's.",
		},
		{
			ID: "kiro", Name: "Kiro", Docs: "https://kiro.dev/docs/mcp/configuration",
			Format: JSON, Path: []string{"mcpServers"},
			Program: "kiro",
			project: ".kiro/settings/mcp.json", user: anywhere("~/.kiro/settings/mcp.json"),
			reference: dollarBrace, entry: remote("", "url"), link: kiroLink,
			signin: remoteSignin("", "url"),
			login:  browserOpens("In Kiro's panel of MCP servers, connect the server."),
			Unsure: "it reads only variables that you have approved",
			Caveat: "It expands only variables that you approved in its settings.",
		},
		{
			ID: "cline", Name: "Cline", Docs: "https://docs.cline.bot/mcp/configuring-mcp-servers",
			Format: JSON, Path: []string{"mcpServers"},
			Program: "cline",
			user:    anywhere("~/.cline/data/settings/cline_mcp_settings.json"),
			moves: []move{
				{variable: "CLINE_MCP_SETTINGS_PATH", trims: true},
				{variable: "CLINE_DATA_DIR", below: "settings/cline_mcp_settings.json", trims: true},
				{variable: "CLINE_DIR", below: "data/settings/cline_mcp_settings.json", trims: true},
			},
			entry:  remote("streamableHttp", "url"),
			signin: remoteSignin("streamableHttp", "url"),
			login:  browserOpens("In Cline's list of MCP servers, choose Authenticate next to the server."),
			Caveat: "It sends ${…} literally, so the key has to be in its file, which VS Code, JetBrains and its command line share.",
		},
		{
			ID: "continue", Name: "Continue", Docs: "https://docs.continue.dev/customize/deep-dives/mcp",
			Format: JSON, Path: []string{"mcpServers"},
			project: ".continue/mcpServers/mcp.json", user: anywhere("~/.continue/mcpServers/mcp.json"),
			moves: []move{{variable: "CONTINUE_GLOBAL_DIR", below: "mcpServers/mcp.json"}}, traces: []string{"~/.continue"},
			entry:  remote("http", "url"),
			Caveat: "It sends ${…} literally, so the key has to be in the file. Its command line, cn, does not read this file.",
		},
		{
			ID: "antigravity", Name: "Antigravity", Docs: "https://antigravity.google/docs/mcp",
			Format: JSON, Path: []string{"mcpServers"},
			Program: "agy",
			user:    anywhere("~/.gemini/config/mcp_config.json"), traces: []string{"~/.gemini/antigravity", "~/.gemini/antigravity-cli"},
			entry:  remote("", "serverUrl"),
			Caveat: "It expands no variables, so the key has to be in the file. Versions before 2 read ~/.gemini/antigravity/mcp_config.json instead.",
		},
	}
}

func assistants() []Client {
	return []Client{
		{
			ID: "claude-code", Name: "Claude Code", Docs: "https://code.claude.com/docs/en/mcp",
			Format: JSON, Path: []string{"mcpServers"},
			Program: "claude", Terminal: true,
			project: ".mcp.json", user: anywhere("~/.claude.json"), moves: []move{{variable: "CLAUDE_CONFIG_DIR", below: ".claude.json"}},
			older:     claudeOlder,
			reference: dollarBrace, entry: remote("http", "url"), command: claudeCommand,
			signin: remoteSignin("http", "url"),
			login:  loginCommand("Run this. A browser opens, in which you sign in.", "claude mcp login"),
			Caveat: "Set the variable before you start it: an unset one is sent literally, as ${…}, and a rejection is remembered for 15 minutes.",
		},
		{
			ID: "claude-desktop", Name: "Claude Desktop", Docs: "https://modelcontextprotocol.io/docs/develop/connect-local-servers",
			Format: JSON, Path: []string{"mcpServers"},
			user: anywhere("@/Claude/claude_desktop_config.json"), moves: []move{desktopXDG("Claude/claude_desktop_config.json")},
			entry:  mcpRemote,
			signin: mcpRemoteSignin,
			login:  browserOpens("Quit Claude Desktop entirely and start it again."),
			Caveat: "It starts mcp-remote, which needs Node.js. The key is in the entry's env, " +
				"because a program started from the desktop sees no variables of a shell. Connectors need none of this: see claude.ai.",
		},
	}
}

func terminals() []Client {
	return []Client{
		{
			ID: "codex", Name: "Codex CLI", Docs: "https://developers.openai.com/codex/mcp",
			Format: TOML, Path: []string{"mcp_servers"},
			Program: "codex", Terminal: true,
			project: ".codex/config.toml", user: anywhere("~/.codex/config.toml"), moves: []move{{variable: "CODEX_HOME", below: "config.toml", mustExist: true}},
			reference: func(v string) string { return v }, entry: codexEntry,
			signin: remoteSignin("", "url"),
			login:  loginCommand("Run this. A browser opens, in which you sign in.", "codex mcp login"),
			Caveat: "A project's file counts only in a project that you trust.",
		},
		{
			ID: "gemini", Name: "Gemini CLI", Docs: "https://github.com/google-gemini/gemini-cli/blob/main/docs/tools/mcp-server.md",
			Format: JSON, Path: []string{"mcpServers"},
			Program: "gemini", Terminal: true,
			project: ".gemini/settings.json", user: anywhere("~/.gemini/settings.json"), moves: []move{{variable: "GEMINI_CLI_HOME", below: ".gemini/settings.json"}},
			reference: dollar, entry: remote("http", "url"),
			signin: remoteSignin("http", "url"),
			login:  loginCommand("Enter this in Gemini CLI. A browser opens, in which you sign in.", "/mcp auth"),
			Caveat: "In a folder that you do not trust, it disables your own servers too.",
		},
		{
			ID: "qwen", Name: "Qwen Code", Docs: "https://qwenlm.github.io/qwen-code-docs/en/users/features/mcp/",
			Format: JSON, Path: []string{"mcpServers"},
			Program: "qwen", Terminal: true,
			project: ".qwen/settings.json", user: anywhere("~/.qwen/settings.json"), moves: []move{{variable: "QWEN_HOME", below: "settings.json", expandsTilde: true}},
			reference: dollar, entry: remote("", "httpUrl"),
			signin: remoteSignin("", "httpUrl"),
			login:  browserOpens("In Qwen Code, run /mcp, choose the server, then Authenticate."),
			Caveat: "An unset variable is sent literally, as $….",
		},
		{
			ID: "copilot", Name: "GitHub Copilot CLI", Docs: "https://docs.github.com/en/copilot/how-tos/copilot-cli/customize-copilot/add-mcp-servers",
			Format: JSON, Path: []string{"mcpServers"},
			Program: "copilot", Terminal: true,
			project: ".github/mcp.json", user: anywhere("~/.copilot/mcp-config.json"), moves: []move{{variable: "COPILOT_HOME", below: "mcp-config.json"}},
			reference: dollarBrace, entry: remote("http", "url"),
			signin: remoteSignin("http", "url"),
			login:  browserOpens("In GitHub Copilot CLI, use the server."),
			Caveat: "An unset variable is sent literally, as ${…}. A project's file counts only in a folder that you trust.",
		},
		{
			ID: "opencode", Name: "opencode", Docs: "https://opencode.ai/docs/mcp-servers",
			Format: JSON, Path: []string{"mcp"},
			Program: "opencode", Terminal: true,
			project: "opencode.json", user: anywhere("~/.config/opencode/opencode.json"),
			moves: []move{nodeXDG("opencode/opencode.json")}, twin: "opencode.jsonc",
			reference: braceEnv, entry: opencodeEntry,
			signin: opencodeSignin,
			login:  loginCommand("Run this. A browser opens, in which you sign in.", "opencode mcp auth"),
			Caveat: "This is the format of version 1. Version 2 has another one: opencode-2.",
		},
		{
			ID: "opencode-2", Name: "opencode 2", Docs: "https://opencode.ai/docs/mcp-servers",
			Format: JSON, Path: []string{"mcp", "servers"},
			Program: "opencode", Terminal: true,
			project: "opencode.json", user: anywhere("~/.config/opencode/opencode.json"),
			moves: []move{nodeXDG("opencode/opencode.json")}, twin: "opencode.jsonc",
			reference: braceEnv, entry: opencodeEntry,
			signin: opencodeSignin,
			login:  loginCommand("Run this. A browser opens, in which you sign in.", "opencode mcp auth"),
		},
		{
			ID: "kilo", Name: "Kilo Code", Docs: "https://kilo.ai/docs/automate/mcp/using-in-cli",
			Format: JSON, Path: []string{"mcp"},
			Program: "kilo", Terminal: true,
			project: "kilo.json", user: anywhere("~/.config/kilo/kilo.json"),
			moves: []move{nodeXDG("kilo/kilo.json")}, twin: "kilo.jsonc",
			reference: braceEnv, entry: opencodeEntry,
			signin: opencodeSignin,
			login:  loginCommand("Run this. A browser opens, in which you sign in.", "kilo mcp auth"),
			Caveat: "With an unset variable it sends an empty key.",
		},
		{
			ID: "droid", Name: "Factory Droid", Docs: "https://docs.factory.ai/cli/configuration/mcp",
			Format: JSON, Path: []string{"mcpServers"},
			Program: "droid", Terminal: true,
			project: ".factory/mcp.json", user: anywhere("~/.factory/mcp.json"), moves: []move{{variable: "FACTORY_HOME_OVERRIDE", below: ".factory/mcp.json"}},
			reference: dollarBrace, entry: droidEntry,
			signin: remoteSignin("http", "url"),
			login:  browserOpens("In Droid, run /mcp, choose the server, then Authenticate."),
		},
		{
			ID: "amp", Name: "Amp", Docs: "https://ampcode.com/manual#mcp",
			Format: JSON, Path: []string{"amp.mcpServers"},
			Program: "amp", Terminal: true,
			project: ".amp/settings.json", user: anywhere("~/.config/amp/settings.json"), moves: []move{{variable: "AMP_SETTINGS_FILE"}},
			reference: dollarBrace, entry: remote("", "url"),
			signin: remoteSignin("", "url"),
			login:  browserOpens("Start Amp, and use the server."),
			Caveat: "An unset variable is sent literally, as ${…}. A project's server needs your approval: amp mcp approve.",
		},
		{
			ID: "crush", Name: "Crush", Docs: "https://github.com/charmbracelet/crush#mcps",
			Format: JSON, Path: []string{"mcp"},
			Program: "crush", Terminal: true,
			project: "crush.json", user: anywhere("~/.config/crush/crush.json"),
			moves:     []move{{variable: "CRUSH_GLOBAL_CONFIG", below: "crush.json"}, {variable: "XDG_CONFIG_HOME", below: "crush/crush.json"}},
			reference: dollarBrace, entry: remote("http", "url"),
			signin: crushSignin,
			login:  browserOpens("Start Crush, and choose to authenticate the server."),
			Caveat: "With an unset variable it sends no key. Its file must not have comments.",
		},
		{
			ID: "goose", Name: "Goose", Docs: "https://block.github.io/goose/docs/getting-started/using-extensions",
			Format: YAML, Path: []string{"extensions"},
			Program: "goose", Terminal: true,
			user: map[string]string{"": "~/.config/goose/config.yaml", "windows": "@/Block/goose/config/config.yaml"},
			moves: []move{ // crates/goose/src/config/paths.rs, with the crate etcetera
				{variable: "GOOSE_PATH_ROOT", below: "config/config.yaml", onlyAbsolute: true},
				{variable: "XDG_CONFIG_HOME", below: "goose/config.yaml", goos: "unix", onlyAbsolute: true},
			},
			reference: dollarBrace, entry: gooseEntry,
			signin: gooseSignin,
			login:  browserOpens("Start a session of Goose with the extension."),
			Caveat: "It looks for the variable in its keyring first, then in the environment.",
		},
	}
}
