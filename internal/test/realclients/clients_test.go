package realclients_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"testing"
)

// realClient is a third-party client.
type realClient struct {
	id      string // in clientconfig's table
	name    string // as its vendor writes it
	pkg     string // npm package
	program string // below the folder of node_modules; a .js file is run by Node
	file    string // below the home folder

	// ask returns arguments and variables for a run with the model at url, in which the
	// client may call any tool; nil means that the client requires an account.
	ask func(url string) (arguments, env []string)
	// list has the arguments of the command that prints whether the client is connected;
	// nil means that it has no such command.
	list []string
	// connected and failed match the client's output about the server. failed is nil if the
	// client prints nothing about a server that rejects it.
	connected, failed *regexp.Regexp
	env               []string // variables of the status command
	// settings is the client's file before mcpctl connect.
	settings string
	// keyInFile means that the client cannot read the key from a variable.
	keyInFile bool
	// prepare writes other files that the client needs for a run with the model at url. It
	// adds no server.
	prepare func(t *testing.T, h home, url string)
}

// native is the suffix of the packages that contain programs for this machine.
const native = "linux-x64"

// prompt is the user's prompt; the model ignores it.
const prompt = "multiply 6 by 7"

func allClients() []realClient {
	return []realClient{
		{
			id: "claude-code", name: "Claude Code", pkg: "@anthropic-ai/claude-code-" + native, file: ".claude.json",
			program: "node_modules/@anthropic-ai/claude-code-" + native + "/claude", list: []string{"mcp", "list"},
			connected: regexp.MustCompile(`shop: .*Connected`), failed: regexp.MustCompile(`shop: .* - . (Needs authentication|Failed to connect)`),
			ask: func(url string) ([]string, []string) {
				return []string{"-p", prompt, "--allowedTools", "mcp__shop__calculate"},
					[]string{"ANTHROPIC_BASE_URL=" + url, "ANTHROPIC_API_KEY=none", "ENABLE_TOOL_SEARCH=false"}
			},
		},
		{
			id: "codex", name: "Codex CLI", pkg: "@openai/codex", file: ".codex/config.toml",
			program: "node_modules/@openai/codex/vendor/x86_64-unknown-linux-musl/bin/codex",
			failed:  regexp.MustCompile(`(HTTP 40[13])`), ask: askCodex,
		},
		{
			id: "gemini", name: "Gemini CLI", pkg: "@google/gemini-cli", file: ".gemini/settings.json",
			program: "node_modules/@google/gemini-cli/bundle/gemini.js", list: []string{"mcp", "list"},
			connected: regexp.MustCompile(`shop: .* - Connected`), failed: regexp.MustCompile(`shop: .* - (Disconnected)`),
			settings: `{"security":{"auth":{"selectedType":"gemini-api-key"}},"privacy":{"usageStatisticsEnabled":false}}`,
			prepare:  trustGemini,
			ask: func(url string) ([]string, []string) {
				return []string{"-p", prompt, "--yolo", "-m", "gemini-2.5-flash"}, []string{"GOOGLE_GEMINI_BASE_URL=" + url, "GEMINI_API_KEY=none"}
			},
		},
		{
			id: "qwen", name: "Qwen Code", pkg: "@qwen-code/qwen-code", file: ".qwen/settings.json",
			program: "node_modules/@qwen-code/qwen-code/cli.js", list: []string{"mcp", "list"},
			connected: regexp.MustCompile(`shop: .* - Connected`), failed: regexp.MustCompile(`shop: .* - (Disconnected)`),
			settings: `{"tools":{"toolSearch":{"enabled":false}},"privacy":{"usageStatisticsEnabled":false}}`,
			ask: func(url string) ([]string, []string) {
				return []string{"-p", prompt, "--yolo", "--auth-type", "openai"},
					[]string{"OPENAI_BASE_URL=" + url + "/v1", "OPENAI_API_KEY=none", "OPENAI_MODEL=stand-in"}
			},
		},
		{
			id: "copilot", name: "GitHub Copilot CLI", pkg: "@github/copilot-" + native, file: ".copilot/mcp-config.json",
			program: "node_modules/@github/copilot-" + native + "/copilot",
			ask: func(url string) ([]string, []string) {
				return []string{"-p", prompt, "--allow-all-tools", "--no-auto-update"},
					[]string{"COPILOT_PROVIDER_BASE_URL=" + url + "/v1", "COPILOT_PROVIDER_API_KEY=none", "COPILOT_MODEL=gpt-4.1"}
			},
		},
		{
			id: "cline", name: "Cline CLI", pkg: "@cline/cli-" + native, file: ".cline/data/settings/cline_mcp_settings.json",
			program: "node_modules/@cline/cli-" + native + "/bin/cline", keyInFile: true, prepare: clineProvider,
			ask: func(string) ([]string, []string) { return []string{prompt}, nil },
		},
		{
			id: "opencode", name: "opencode", pkg: "opencode-" + native, file: ".config/opencode/opencode.json",
			program: "node_modules/opencode-" + native + "/bin/opencode", list: []string{"mcp", "list"},
			connected: regexp.MustCompile(`✓ shop .*connected`), failed: regexp.MustCompile(`✗ shop .*(failed)`),
			ask: func(url string) ([]string, []string) {
				return []string{"run", "-m", "standin/stand-in", prompt}, []string{"OPENCODE_CONFIG_CONTENT=" + standin(url)}
			},
		},
		{
			id: "kilo", name: "Kilo Code", pkg: "@kilocode/cli-" + native, file: ".config/kilo/kilo.json",
			program: "node_modules/@kilocode/cli-" + native + "/bin/kilo", list: []string{"mcp", "list"},
			connected: regexp.MustCompile(`✓ shop .*connected`), failed: regexp.MustCompile(`✗ shop .*(failed)`),
			ask: func(url string) ([]string, []string) {
				return []string{"run", "-m", "standin/stand-in", prompt}, []string{"KILO_CONFIG_CONTENT=" + standin(url)}
			},
		},
		{
			id: "droid", name: "Factory Droid", pkg: "@factory/cli-" + native, file: ".factory/mcp.json",
			program: "node_modules/@factory/cli-" + native + "/bin/droid", list: []string{"mcp", "list"},
			connected: regexp.MustCompile(`shop +http +connected`),
			failed:    regexp.MustCompile(`shop +http +failed: (Failed to connect to MCP server|MCP server credential references an unset environment variable)`),
		},
		{
			id: "amp", name: "Amp", pkg: "@ampcode/cli-" + native, file: ".config/amp/settings.json",
			program: "node_modules/@ampcode/cli-" + native + "/amp", list: []string{"mcp", "doctor"},
			connected: regexp.MustCompile(`shop .*: connected`), failed: regexp.MustCompile(`shop .*: (error)`),
			env: []string{"AMP_API_KEY=none"},
		},
	}
}

// standin returns a configuration of opencode or Kilo that uses the model at url.
func standin(url string) string {
	return fmt.Sprintf(`{"permission":"allow","provider":{"standin":{"npm":"@ai-sdk/openai-compatible",`+
		`"options":{"baseURL":"%s/v1","apiKey":"none"},"models":{"stand-in":{"name":"stand-in","tool_call":true}}}}}`, url)
}

func trustGemini(t *testing.T, h home, _ string) {
	text, err := json.Marshal(map[string]string{h.project: "TRUST_FOLDER"})
	if err != nil {
		t.Fatal(err)
	}
	h.write(t, ".gemini/trustedFolders.json", string(text))
}

func askCodex(url string) (arguments, env []string) {
	provider := fmt.Sprintf(`model_providers.standin={name="standin",base_url="%s/v1",env_key="STANDIN_KEY",wire_api="responses"}`, url)
	return []string{
		"exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", // safe, because the model is ours
		"-c", "model=stand-in", "-c", "model_provider=standin", "-c", provider,
		"-c", "check_for_update_on_startup=false", "-c", "analytics.enabled=false", prompt,
	}, []string{"STANDIN_KEY=none"}
}

// clineProvider writes what "cline auth" writes for the provider.
func clineProvider(t *testing.T, h home, url string) {
	const provider = "openai-compatible"
	text, err := json.Marshal(object{"version": 1, "lastUsedProvider": provider, "modes": object{}, "providers": object{
		provider: object{"tokenSource": "manual", "updatedAt": "2026-11-28T00:00:00.000Z", "settings": object{
			"provider": provider, "apiKey": "none", "model": "stand-in", "baseUrl": url + "/v1",
		}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	h.write(t, ".cline/data/settings/providers.json", string(text))
}
