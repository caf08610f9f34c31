package realclients_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"serverless-mcp/internal/test/interop"
)

// home is a home folder with a project, for one run of a client.
type home struct {
	node         interop.Node
	dir, project string
	env          []string
}

func newHome(t *testing.T, b bench) home {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := home{node: b.node, dir: dir, project: filepath.Join(dir, "project"), env: environment(dir)}
	if err := os.Mkdir(h.project, 0o755); err != nil {
		t.Fatal(err)
	}
	return h
}

// connect creates a home folder in which mcpctl has configured the client.
func (c realClient) connect(t *testing.T, b bench, url, key string) home {
	t.Helper()
	h := newHome(t, b)
	if c.settings != "" {
		h.write(t, c.file, c.settings)
	}
	arguments := []string{"connect", c.id, "--name", "shop", "--url", url}
	if c.keyInFile {
		arguments = append(arguments, "--key-in-file")
	}
	cmd := exec.CommandContext(t.Context(), b.mcpctl, arguments...)
	cmd.Dir, cmd.Env = h.project, append(h.env, "MCP_API_KEY="+goodKey)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("mcpctl connect %s: %v\n%s", c.id, err, out)
	}
	file := filepath.Join(h.dir, filepath.FromSlash(c.file))
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case c.keyInFile:
		h.write(t, c.file, strings.ReplaceAll(string(text), goodKey, key))
	case strings.Contains(string(text), goodKey):
		t.Errorf("%s: the key is in %s", c.name, c.file)
	}
	if key != "" && !c.keyInFile {
		h.env = append(h.env, "MCP_KEY_SHOP="+key)
	}
	return h
}

// environment returns a client's environment. It contains nothing of this machine's user, and
// allows no access to the internet.
func environment(dir string) []string {
	const nowhere = "http://127.0.0.1:9" // the discard port, where nothing listens
	env := []string{
		"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir(), "TERM=dumb", "NO_COLOR=1", "CI=1",
		"DISABLE_AUTOUPDATER=1", "DISABLE_TELEMETRY=1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1",
		"OPENCODE_DISABLE_AUTOUPDATE=1", "OPENCODE_DISABLE_MODELS_FETCH=1", "QWEN_TELEMETRY_ENABLED=false", "GEMINI_TELEMETRY_ENABLED=false",
		"COPILOT_OFFLINE=true", "COPILOT_AUTO_UPDATE=false", "CLINE_TELEMETRY_DISABLED=1", "OPENAI_AGENTS_DISABLE_TRACING=1",
		"MCP_REMOTE_CONFIG_DIR=" + filepath.Join(dir, ".mcp-auth"),
		"NO_PROXY=127.0.0.1,localhost", "no_proxy=127.0.0.1,localhost",
	}
	for _, name := range []string{"HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"} {
		env = append(env, name+"="+nowhere)
	}
	return env
}

// write writes a file in the home folder.
func (h home) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(h.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// start runs a program below node_modules in the project's folder, and returns its output. A
// .js or .mjs file is run by Node.
func (h home) start(t *testing.T, program string, arguments, env []string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	path := filepath.Join(h.node.Dir, filepath.FromSlash(program))
	cmd := exec.CommandContext(ctx, path, arguments...)
	if strings.HasSuffix(path, "js") {
		cmd = h.node.Command(ctx, filepath.FromSlash(program), arguments...)
	}
	cmd.Dir, cmd.Env, cmd.WaitDelay = h.project, append(h.env, env...), 5*time.Second
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		t.Fatalf("%s does not end: %v\n%s", program, err, out)
	}
	return ansi.ReplaceAllString(string(out), "")
}

var ansi = regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-z]")
