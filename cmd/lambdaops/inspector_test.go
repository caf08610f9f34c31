package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"serverless-mcp/internal/emulator/awsfake"
)

// clients is the folder whose lock file pins third-party clients.
var clients = filepath.Join("..", "..", "internal", "test", "interop", "node")

// inspector returns the paths of the Inspector and of the Node.js that it needs. If they
// are not installed yet, it installs the versions of the lock file in the user's cache
// directory. Without npm it skips the test.
func inspector(t *testing.T) (node, script string) {
	t.Helper()
	at := clients
	if !installed(at) {
		at = install(t)
	}
	bin := filepath.Join(at, "node_modules", "node", "bin", "node")
	if runtime.GOOS == "windows" {
		bin += ".exe"
	}
	script, err := filepath.Abs(filepath.Join(at, "node_modules", "@modelcontextprotocol", "inspector", "clients", "launcher", "build", "index.js"))
	if err != nil {
		t.Fatal(err)
	}
	bin, err = filepath.Abs(bin)
	if err != nil {
		t.Fatal(err)
	}
	return bin, script
}

// installed reports whether npm has finished in a directory, by the file that npm writes
// last.
func installed(at string) bool {
	_, err := os.Stat(filepath.Join(at, "node_modules", ".package-lock.json"))
	return err == nil
}

func install(t *testing.T) (at string) {
	t.Helper()
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Skip("npm, which installs the Inspector, is missing")
	}
	lock, err := os.ReadFile(filepath.Join(clients, "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skip("no cache directory to install the Inspector in: ", err)
	}
	sum := sha256.Sum256(lock)
	at = filepath.Join(cache, "serverless-mcp", "node-"+hex.EncodeToString(sum[:6]))
	if installed(at) {
		return at
	}
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		t.Fatal(err)
	}
	temp, err := os.MkdirTemp(filepath.Dir(at), "installing-*")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(temp)
	if err := os.CopyFS(temp, onlyPackage{os.DirFS(clients)}); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), npm, "ci", "--no-audit", "--no-fund", "--loglevel=error")
	cmd.Dir = temp
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	if err := os.Rename(temp, at); err != nil && !installed(at) { // another test may have been faster
		t.Fatal(err)
	}
	return at
}

// onlyPackage is a directory with only the files that npm needs.
type onlyPackage struct{ fs.FS }

// ReadDir implements [fs.ReadDirFS].
func (o onlyPackage) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(o.FS, name)
	var list []fs.DirEntry
	for _, e := range all {
		if strings.HasPrefix(e.Name(), "package") {
			list = append(list, e)
		}
	}
	return list, err
}

// TestInspector calls the program with the Inspector's command line, with each of
// its options for the protocol version.
func TestInspector(t *testing.T) {
	if testing.Short() {
		t.Skip("starts Node three times")
	}
	node, script := inspector(t)
	w := newWorld(t, awsfake.LambdaOptions{}, orders())
	config := filepath.Join(t.TempDir(), "servers.json")
	env := map[string]string{}
	for _, v := range w.env() {
		name, value, _ := strings.Cut(v, "=")
		env[name] = value
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(map[string]any{"mcpServers": map[string]any{"ops": map[string]any{
		"type": "stdio", "command": program, "args": []string{"--runtimes-page", "none"}, "env": env,
	}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, data, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		era  string
		args []string
		want string
	}{
		{"legacy", []string{"--method", "tools/list"}, `"name": "rollback_runtime"`},
		{"modern", []string{"--method", "tools/call", "--tool-name", "list_functions", "--tool-arg", "all=true", "deprecated=true"}, `"runtime": "nodejs18.x"`},
		{"auto", []string{"--method", "tools/call", "--tool-name", "upgrade_runtime", "--tool-arg", "function=orders", "dry_run=true"}, `"outcome": "plan"`},
	} {
		t.Run(tc.era, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), node, append([]string{script, "--cli", "--config", config, "--server", "ops", "--protocol-era", tc.era}, tc.args...)...)
			cmd.Env = append(os.Environ(), "MCP_INSPECTOR_SECRET_STORE=memory", "HOME="+w.home, "USERPROFILE="+w.home)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if exit, ok := errors.AsType[*exec.ExitError](err); ok {
				t.Fatalf("exit code %d: %s\n%s", exit.ExitCode(), out, &stderr)
			} else if err != nil {
				t.Fatal(err)
			}
			if !json.Valid(out) || !strings.Contains(string(out), tc.want) {
				t.Errorf("output without %s:\n%s\n%s", tc.want, out, &stderr)
			}
		})
	}
}
