package connect_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/connect"
	"serverless-mcp/internal/test/files"
	"serverless-mcp/internal/test/golden"
)

var server = clientconfig.Server{Name: "weather", URL: "https://abc.example.com/mcp"}

func client(t *testing.T, id string) clientconfig.Client {
	t.Helper()
	c, ok := clientconfig.Find(id)
	if !ok {
		t.Fatalf("no client %q", id)
	}
	return c
}

func file(t *testing.T, text string) string {
	t.Helper()
	return files.WriteMode(t, filepath.Join(t.TempDir(), "config"), text, 0o600)
}

func changer(t *testing.T) connect.Files {
	t.Helper()
	return connect.Files{State: t.TempDir(), Settle: -1, NoSync: true}
}

func add(t *testing.T, c clientconfig.Client, s clientconfig.Server, path string, replace bool) string {
	t.Helper()
	ch, err := changer(t).Add(c, s, path, replace)
	if err != nil {
		t.Fatal(err)
	}
	return string(ch.After)
}

func TestAnotherServersEntryStays(t *testing.T) {
	for _, old := range []struct{ text, url string }{
		{`{"mcpServers":{"weather":{"command":"npx","args":["x"]}}}`, ""},
		{`{"mcpServers":{"weather":{"url":"https://other.example.com/mcp"}}}`, "https://other.example.com/mcp"},
	} {
		path := file(t, old.text)
		_, err := changer(t).Add(client(t, "cursor"), server, path, false)
		var other *connect.OtherServerError
		if !errors.As(err, &other) || other.URL != old.url || other.Name != "weather" {
			t.Errorf("Add over %s: %v, want an OtherServerError with %q", old.text, err, old.url)
		}
		want := `{"mcpServers":{"weather":{"url":"https://abc.example.com/mcp","headers":{"x-api-key":"${env:MCP_KEY_WEATHER}"}}}}`
		if d := cmp.Diff(want, add(t, client(t, "cursor"), server, path, true)); d != "" {
			t.Errorf("with replace (-want +got):\n%s", d)
		}
	}
}

// A key can move from a variable to the file and back, and leaves no members of the other
// way behind.
func TestKeyInVariableAndFile(t *testing.T) {
	withKey := server
	withKey.Key = "the-key"
	for _, c := range clientconfig.All() {
		if !c.HidesKey() {
			continue
		}
		byVariable := add(t, c, server, file(t, ""), false)
		literal := add(t, c, withKey, file(t, byVariable), false)
		if !strings.Contains(literal, "the-key") || strings.Contains(literal, server.Variable()) {
			t.Errorf("%s, with the key in the file:\n%s", c.ID, literal)
		}
		back := add(t, c, server, file(t, literal), false)
		if strings.Contains(back, "the-key") || !strings.Contains(strings.ToUpper(strings.ReplaceAll(back, "-", "_")), server.Variable()) {
			t.Errorf("%s, back to the variable:\n%s", c.ID, back)
		}
	}
}

func TestRemove(t *testing.T) {
	for _, c := range clientconfig.All() {
		path := file(t, add(t, c, server, file(t, ""), false))
		ch, err := changer(t).Remove(c, server.Name, path)
		if err != nil {
			t.Errorf("%s: %v", c.ID, err)
			continue
		}
		if !ch.Changed() || strings.Contains(strings.ToLower(string(ch.After)), "weather") {
			t.Errorf("%s: left behind:\n%s", c.ID, ch.After)
		}
	}
	for _, path := range []string{file(t, "{}"), filepath.Join(t.TempDir(), "none")} {
		ch, err := changer(t).Remove(client(t, "cursor"), "weather", path)
		if err != nil || ch.Changed() {
			t.Errorf("Remove of a missing entry: changed %t, %v", ch.Changed(), err)
		}
	}
}

// Removing an entry must not leave its key in a copy.
func TestRemoveLeavesNoCopy(t *testing.T) {
	withKey := server
	withKey.Key = "the-key"
	c := client(t, "zed")
	path := file(t, add(t, c, withKey, file(t, ""), false))
	ch, err := changer(t).Remove(c, server.Name, path)
	if err != nil {
		t.Fatal(err)
	}
	if result, err := ch.Apply(); err != nil || result.Backup != "" {
		t.Fatalf("Write = %+v, %v", result, err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("the folder contains %v (%v), want only the file", left, err)
	}
}

// The copy of a file in a work tree is not in the work tree.
func TestCopyStaysOutOfWorkTrees(t *testing.T) {
	tree, state := t.TempDir(), t.TempDir()
	for dir, want := range map[string]string{tree: state, t.TempDir(): ""} {
		if want != "" {
			if err := os.Mkdir(filepath.Join(dir, ".git"), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		path := filepath.Join(dir, "mcp.json")
		if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
		ch, err := connect.Files{State: state}.Add(client(t, "cursor"), server, path, false)
		if err != nil {
			t.Fatal(err)
		}
		result, err := ch.Apply()
		backup := result.Backup
		if err != nil || want != "" && !strings.HasPrefix(backup, want) || want == "" && !strings.HasPrefix(backup, path) {
			t.Errorf("Write in %s = %q, %v; state folder %s", dir, backup, err, state)
		}
	}
}

func TestCorruptFile(t *testing.T) {
	path := file(t, `{"mcpServers": {`)
	for _, err := range []error{
		errorOf(changer(t).Add(client(t, "cursor"), server, path, true)), errorOf(changer(t).Remove(client(t, "cursor"), "weather", path)),
	} {
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "not valid JSON") {
			t.Errorf("got %v, want the path and what is wrong", err)
		}
	}
}

func errorOf(_ connect.Change, err error) error { return err }

func TestFound(t *testing.T) {
	home := t.TempDir()
	f := clientconfig.Folders{GOOS: "linux", Home: home, Config: filepath.Join(home, ".config")}
	for _, path := range []string{".cursor/mcp.json", ".claude.json", ".codex/history", ".config/opencode/opencode.json", ".continue/config.yaml", ".gemini/antigravity/state"} {
		path = filepath.Join(home, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(`{"mcp": {"servers": {}}}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	onlyGemini := func(name string) (string, error) {
		if name == "gemini" {
			return "/bin/gemini", nil
		}
		return "", errors.New("not there")
	}
	var got []string
	for _, one := range connect.Found(t.Context(), f, onlyGemini, noProgram) {
		got = append(got, one.Client.ID+" by "+filepath.ToSlash(strings.TrimPrefix(one.By, home)))
	}
	want := []string{
		"cursor by /.cursor/mcp.json", "continue by /.continue", "antigravity by /.gemini/antigravity",
		"claude-code by /.claude.json", "codex by /.codex", "gemini by /bin/gemini",
		"opencode-2 by /.config/opencode/opencode.json",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func noProgram(context.Context, string, ...string) (string, error) {
	return "", errors.New("not there")
}

// The version of opencode is the one that the program prints.
func TestFoundOpencode(t *testing.T) {
	home := t.TempDir()
	f := clientconfig.Folders{GOOS: "linux", Home: home, Config: filepath.Join(home, ".config")}
	opencode := func(name string) (string, error) {
		if name == "opencode" {
			return "/bin/opencode", nil
		}
		return "", errors.New("not there")
	}
	for version, want := range map[string]string{"1.18.33\n": "opencode", "2.0.1\n": "opencode-2", "v2.1.0": "opencode-2"} {
		found := connect.Found(t.Context(), f, opencode, func(context.Context, string, ...string) (string, error) { return version, nil })
		if len(found) != 1 || found[0].Client.ID != want {
			t.Errorf("%q: found %v, want %s", version, found, want)
		}
	}
}

func TestWorkTree(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dotfiles, home := filepath.Join(dir, "dotfiles"), filepath.Join(dir, "home")
	for _, d := range []string{filepath.Join(dotfiles, ".git"), filepath.Join(dotfiles, "cursor"), home} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(dotfiles, "cursor"), filepath.Join(home, ".cursor")); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	for path, want := range map[string]string{
		filepath.Join(dotfiles, "not", "yet", "there.json"): dotfiles,
		filepath.Join(home, ".cursor", "mcp.json"):          dotfiles, // through the link
		filepath.Join(home, ".zed", "settings.json"):        "",
	} {
		if got := connect.WorkTree(path); got != want {
			t.Errorf("WorkTree(%s) = %q, want %q", path, got, want)
		}
	}
}

// TestAdvice compares all advice with a golden file.
func TestAdvice(t *testing.T) {
	var b strings.Builder
	for _, id := range []string{"cursor", "codex", "vscode-local"} {
		for _, goos := range []string{"darwin", "linux", "windows"} {
			for _, keyFile := range []string{"", "/my project/.mcpctl/api-key"} {
				fmt.Fprintf(&b, "== %s, %s, key file %q\n%s\n\n", id, goos, keyFile, connect.Advice(client(t, id), server, goos, keyFile))
			}
		}
	}
	withKey := server
	withKey.Key = "the-key"
	fmt.Fprintf(&b, "== cursor, key in its file\n%s\n", connect.Advice(client(t, "cursor"), withKey, "darwin", ""))
	golden.Check(t, "testdata/advice.golden", b.String())
	if strings.Contains(b.String(), "the-key") {
		t.Error("the key is in the advice")
	}
}
