package realclients_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"serverless-mcp/internal/test/golden"
	"serverless-mcp/internal/test/interop"
)

// API keys of these tests.
const (
	goodKey  = "realclients-0123456789-abcdefghijklmnop"
	wrongKey = "realclients-wrong-987654321-abcdefghijk"
)

// timeout limits one run of a client. It is generous, for busy machines.
const timeout = 3 * time.Minute

// realClient is a program that we did not write.
type realClient struct {
	id      string   // in clientconfig's table
	name    string   // as its makers write it
	pkg     string   // npm package
	program string   // below node_modules; a .js file is run by Node
	list    []string // arguments with which it says whether it is connected
	file    string   // below the home folder
	// connected and failed match the line about the server.
	connected, failed *regexp.Regexp
	// prepare makes the client trust its folder: no entry of a server.
	prepare func(t *testing.T, home, project string)
}

// native ends the names of the packages with programs for this machine.
const native = "linux-x64"

func all() []realClient {
	return []realClient{
		{
			id: "claude-code", name: "Claude Code", pkg: "@anthropic-ai/claude-code-" + native, file: ".claude.json",
			program: "@anthropic-ai/claude-code-" + native + "/claude", list: []string{"mcp", "list"},
			connected: regexp.MustCompile(`shop: .*Connected`), failed: regexp.MustCompile(`shop: .* - . (Needs authentication|Failed to connect)`),
		},
		{
			id: "gemini", name: "Gemini CLI", pkg: "@google/gemini-cli", file: ".gemini/settings.json",
			program: "@google/gemini-cli/bundle/gemini.js", list: []string{"mcp", "list"},
			connected: regexp.MustCompile(`shop: .* - Connected`), failed: regexp.MustCompile(`shop: .* - (Disconnected)`),
			prepare: trustGemini,
		},
		{
			id: "qwen", name: "Qwen Code", pkg: "@qwen-code/qwen-code", file: ".qwen/settings.json",
			program: "@qwen-code/qwen-code/cli.js", list: []string{"mcp", "list"},
			connected: regexp.MustCompile(`shop: .* - Connected`), failed: regexp.MustCompile(`shop: .* - (Disconnected)`),
		},
		{
			id: "opencode", name: "opencode", pkg: "opencode-" + native, file: ".config/opencode/opencode.json",
			program: "opencode-" + native + "/bin/opencode", list: []string{"mcp", "list"},
			connected: regexp.MustCompile(`✓ shop .*connected`), failed: regexp.MustCompile(`✗ shop .*(failed)`),
		},
	}
}

func trustGemini(t *testing.T, home, project string) {
	text, err := json.Marshal(map[string]string{project: "TRUST_FOLDER"})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(home, ".gemini"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, ".gemini", "trustedFolders.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestRealClients: every client connects with the key, and with a wrong or an
// unset one says that it does not. What it does is the table in docs/clients.md.
func TestRealClients(t *testing.T) {
	if os.Getenv("REAL_CLIENTS") == "" {
		t.Skip("the clients are large: set REAL_CLIENTS=1 to install and run them")
	}
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("the packages with the programs are pinned for linux-x64 only")
	}
	node := interop.InstallIn(t, "internal/test/realclients/node")
	mcpctl := filepath.Join(t.TempDir(), "mcpctl")
	if out, err := exec.Command("go", "build", "-o", mcpctl, "serverless-mcp/cmd/mcpctl").CombinedOutput(); err != nil {
		t.Fatalf("build mcpctl: %v\n%s", err, out)
	}
	versions := readVersions(t, node.Dir)
	var table strings.Builder
	table.WriteString("| client | version | file | connects | protocol | lists tools | with a wrong key | with an unset variable |\n|---|---|---|---|---|---|---|---|\n")
	for _, c := range all() {
		row := c.run(t, node, mcpctl)
		fmt.Fprintf(&table, "| %s | %s | `~/%s` | %s |\n", c.name, versions[c.pkg], c.file, row)
	}
	checkTable(t, table.String())
}

// run returns the rest of the client's row in the table.
func (c realClient) run(t *testing.T, node interop.Node, mcpctl string) string {
	t.Helper()
	s := serve(t)
	good := c.try(t, node, mcpctl, s, goodKey)
	if !c.connected.MatchString(good.output) {
		t.Errorf("%s with the key:\n%s", c.name, good.output)
	}
	if len(good.keys) != 1 || !good.keys[goodKey] {
		t.Errorf("%s sent %d keys, want the one", c.name, len(good.keys))
	}
	wrong := c.try(t, node, mcpctl, s, wrongKey)
	unset := c.try(t, node, mcpctl, s, "")
	for name, r := range map[string]seen{"a wrong key": wrong, "an unset variable": unset} {
		if c.connected.MatchString(r.output) || !c.failed.MatchString(r.output) {
			t.Errorf("%s with %s:\n%s", c.name, name, r.output)
		}
	}
	for key := range unset.keys {
		if key == goodKey || key == wrongKey {
			t.Errorf("%s with an unset variable sent a key", c.name)
		}
	}
	tools := "not by this command"
	if good.tools {
		tools = "yes"
	}
	return fmt.Sprintf("yes | %s | %s | %s | %s, sends %s", good.protocol, tools, c.shows(wrong), c.shows(unset), unset.sent())
}

// shows is what the client says about a server that it cannot use.
func (c realClient) shows(r seen) string {
	m := c.failed.FindStringSubmatch(r.output)
	if m == nil {
		return "?"
	}
	return "“" + m[1] + "”"
}

// try connects the client by mcpctl, runs it with its variable set to key, and
// returns what it printed and sent.
func (c realClient) try(t *testing.T, node interop.Node, mcpctl string, s *recorder, key string) seen {
	t.Helper()
	home, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	project := filepath.Join(home, "project")
	if err := os.Mkdir(project, 0o755); err != nil {
		t.Fatal(err)
	}
	env := []string{
		"HOME=" + home, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir(), "TERM=dumb", "NO_COLOR=1", "CI=1",
		"DISABLE_AUTOUPDATER=1", "DISABLE_TELEMETRY=1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1",
		"OPENCODE_DISABLE_AUTOUPDATE=1", "OPENCODE_DISABLE_MODELS_FETCH=1", "QWEN_TELEMETRY_ENABLED=false", "GEMINI_TELEMETRY_ENABLED=false",
	}
	connect := exec.CommandContext(t.Context(), mcpctl, "connect", c.id, "--name", "shop", "--url", s.url)
	connect.Dir, connect.Env = project, append(env, "MCP_API_KEY="+goodKey)
	if out, err := connect.CombinedOutput(); err != nil {
		t.Fatalf("mcpctl connect %s: %v\n%s", c.id, err, out)
	}
	if _, err := os.Stat(filepath.Join(home, filepath.FromSlash(c.file))); err != nil {
		t.Fatal(err)
	}
	if c.prepare != nil {
		c.prepare(t, home, project)
	}
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	program := filepath.Join(node.Dir, "node_modules", filepath.FromSlash(c.program))
	cmd := exec.CommandContext(ctx, program, c.list...)
	if filepath.Ext(program) == ".js" {
		cmd = node.Command(ctx, filepath.Join("node_modules", filepath.FromSlash(c.program)), c.list...)
	}
	cmd.Dir, cmd.Env, cmd.WaitDelay = project, env, 5*time.Second
	if key != "" {
		cmd.Env = append(cmd.Env, "MCP_KEY_SHOP="+key)
	}
	s.reset()
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		t.Fatalf("%s does not end: %v\n%s", c.name, err, out)
	}
	result := s.seen()
	result.output = ansi.ReplaceAllString(string(out), "")
	return result
}

var ansi = regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-z]")

func readVersions(t *testing.T, dir string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "package.json"))
	if err != nil {
		t.Fatal(err)
	}
	var p struct{ Dependencies, OptionalDependencies map[string]string }
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	all := maps.Clone(p.Dependencies)
	maps.Copy(all, p.OptionalDependencies)
	return all
}

// checkTable compares the table in docs/clients.md, or with -update writes it.
func checkTable(t *testing.T, table string) {
	t.Helper()
	const path, begin, end = "../../../docs/clients.md", "<!-- real clients -->\n", "<!-- end of real clients -->\n"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s lacks the markers of the table", path)
	}
	golden.Check(t, path, before+begin+table+end+after)
}
