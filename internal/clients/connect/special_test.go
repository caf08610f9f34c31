package connect_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/configfile"
	"serverless-mcp/internal/clients/connect"
)

// secret is in files of these tests, and must not be in any message.
const secret = "SECRET-0123456789"

// TestSpecialFiles: a client's file may be something that cannot be read. Examine, connect
// and disconnect report what it is, and change nothing.
func TestSpecialFiles(t *testing.T) {
	write := func(text string) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			t.Helper()
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		name, id string
		prepare  func(t *testing.T, path string)
		want     string // in the messages
	}{
		{"named pipe", "cursor", makePipe, "it is not a regular file"},
		{"device", "codex", linkTo("/dev/zero"), "it is not a regular file"},
		{"folder", "goose", func(t *testing.T, path string) { makeFolder(t, path) }, "it is a folder"},
		{"link to a folder", "kilo", linkTo("/"), "it is a folder"},
		{"link to nothing", "cursor", linkTo("nowhere"), "it is a link to a file that does not exist"},
		{"link to itself", "claude-code", func(t *testing.T, path string) { linkTo(filepath.Base(path))(t, path) }, "too many links"},
		{"file in place of the folder", "cursor", func(t *testing.T, path string) {
			t.Helper()
			if err := os.Remove(filepath.Dir(path)); err != nil {
				t.Fatal(err)
			}
			write(secret)(t, filepath.Dir(path))
		}, "not a directory"},
		{"huge", "gemini", func(t *testing.T, path string) {
			t.Helper()
			write("{}")(t, path)
			if err := os.Truncate(path, 8<<30); err != nil {
				t.Fatal(err)
			}
		}, "it has 8192 MB, more than"},
		{"UTF-16, little-endian", "cursor", write("\xff\xfe{\x00\"\x00" + secret), "not valid JSON: it is in UTF-16; save it in UTF-8"},
		{"UTF-16, big-endian", "codex", write("\xfe\xff\x00[" + secret), "not valid TOML: it is in UTF-16"},
		{"binary", "cursor", write("\x7fELF\x02\x01\x01\x00" + secret), "not valid JSON"},
		{"binary", "codex", write("\x7fELF\x02\x01\x01\x00" + secret), "not valid TOML"},
		{"binary", "goose", write("\x7fELF\x02\x01\x01\x00" + secret), "not valid YAML"},
		{"invalid UTF-8", "codex", write("x = \"\xff" + secret + "\"\n"), "not valid TOML"},
		{"invalid UTF-8", "goose", write("x: \"\xff" + secret + "\"\n"), "not valid YAML"},
		{"cut off", "cursor", write(`{"mcpServers":{"shop":{"headers":{"x-api-key":"` + secret), "not valid JSON"},
		{"cut off", "codex", write("[mcp_servers.shop]\nhttp_headers = { x-api-key = \"" + secret), "not valid TOML"},
		{"cut off", "goose", write("extensions:\n  shop: {headers: {x-api-key: \"" + secret), "not valid YAML"},
		{"deep", "cursor", write(strings.Repeat(`{"a":`, 20_000)), "not valid JSON"},
		{"a list", "cursor", write(`["` + secret + `"]`), "the root is not an object"},
		{"text", "goose", write(secret + "\n"), "not a valid YAML settings file"},
	} {
		t.Run(c.name+", "+c.id, func(t *testing.T) {
			f := home(t, nil)
			path := client(t, c.id).UserFile(f)
			makeFolder(t, filepath.Dir(path))
			c.prepare(t, path)
			before := tree(t, f.Home)
			files := connect.Files{State: t.TempDir(), Settle: -1, NoSync: true}
			_, addErr := files.Add(client(t, c.id), shop, path, true)
			_, removeErr := files.Remove(client(t, c.id), shop.Name, path)
			for what, err := range map[string]error{"connect": addErr, "disconnect": removeErr} {
				if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "SECRET") {
					t.Errorf("%s: %v, want the path, %q and no key", what, err, c.want)
				}
			}
			problems, _, _ := machine().Examine(t.Context(), f, connect.Repositories{Home: f.Home}, now)
			if text := messages(problems); !strings.Contains(text, c.want) || strings.Contains(text, "SECRET") {
				t.Errorf("the examination reports %q, want %q and no key", text, c.want)
			}
			if d := cmp.Diff(before, tree(t, f.Home)); d != "" {
				t.Errorf("something was changed (-before +after):\n%s", d)
			}
		})
	}
}

// TestExamineChangesNothing examines the realistic files of all clients: nothing is
// changed, and no value of a header is shown.
func TestExamineChangesNothing(t *testing.T) {
	for _, c := range clientconfig.All() {
		archive, err := txtar.ParseFile(filepath.Join("testdata", "files", c.ID+".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range archive.Files {
			f := home(t, nil)
			path := c.UserFile(f)
			makeFolder(t, filepath.Dir(path))
			if err := os.WriteFile(path, file.Data, 0o644); err != nil {
				t.Fatal(err)
			}
			before := tree(t, f.Home)
			problems, files, _ := machine().Examine(t.Context(), f, connect.Repositories{Home: f.Home}, now)
			if d := cmp.Diff(before, tree(t, f.Home)); d != "" {
				t.Errorf("%s, %s (-before +after):\n%s", c.ID, file.Name, d)
			}
			text := messages(problems)
			for _, key := range keysIn(c.Format, file.Data) {
				if strings.Contains(text, key) {
					t.Errorf("%s, %s: the key %q is shown:\n%s", c.ID, file.Name, key, text)
				}
			}
			if files == 0 {
				t.Errorf("%s, %s: no file was examined", c.ID, file.Name)
			}
		}
	}
}

// TestExamineMovedFiles: a variable that several clients read is reported once, with
// the names of all of them.
func TestExamineMovedFiles(t *testing.T) {
	f := home(t, map[string]string{"ENV": "XDG_CONFIG_HOME=relative"})
	problems, _, _ := machine().Examine(t.Context(), f, connect.Repositories{}, now)
	text := messages(problems)
	for _, want := range []string{`XDG_CONFIG_HOME is "relative"`, "resolves in the folder that it is started in", "opencode", "Kilo Code", "Crush", "set it to an absolute path"} {
		if len(problems) != 1 || !strings.Contains(text, want) {
			t.Errorf("%d problems, want one with %q:\n%s", len(problems), want, text)
		}
	}
	f = home(t, map[string]string{"ENV": "CODEX_HOME=/does/not/exist"})
	problems, _, _ = machine().Examine(t.Context(), f, connect.Repositories{}, now)
	if text := messages(problems); len(problems) != 1 || !strings.Contains(text, "which does not exist, so Codex CLI does not start") {
		t.Errorf("%d problems, want one of Codex CLI's folder:\n%s", len(problems), text)
	}
}

// TestExamineManyEntries: the time does not grow with the square of the entries.
func TestExamineManyEntries(t *testing.T) {
	var b bytes.Buffer
	b.WriteString(`{"mcpServers":{"last":{"url":"u"}`)
	for i := range 5000 {
		b.WriteString(`,"shop` + strings.Repeat("x", i%50) + string(rune('a'+i%26)) + time.Duration(i).String() + `":{"url":"https://example.com/mcp","disabled":true,"headers":{"Authorization":"${env:SOME_VARIABLE}"}}`)
	}
	b.WriteString(`}}`)
	f := home(t, map[string]string{".cursor/mcp.json": b.String()})
	runs := 0
	m := machine()
	run := m.Run
	m.Run = func(ctx context.Context, name string, args ...string) (string, error) {
		runs++
		return run(ctx, name, args...)
	}
	problems, _, entries := m.Examine(t.Context(), f, connect.Repositories{}, now)
	if entries != 5001 || len(problems) != 10_000 {
		t.Errorf("%d entries, %d problems; want 5001 and 10000", entries, len(problems))
	}
	if runs != 1 {
		t.Errorf("the desktop's environment was read %d times, want 1", runs)
	}
}

func machine() connect.Machine {
	return connect.Machine{GOOS: "linux", Getenv: func(string) string { return "" }, Run: noProgram}
}

func messages(problems []connect.Problem) string {
	var all []string
	for _, p := range problems {
		all = append(all, p.File+" "+p.Entry+": "+p.What+" | "+p.Do)
	}
	return strings.Join(all, "\n")
}

// keysIn returns the values of the headers and variables in a file that are not references.
func keysIn(format clientconfig.Format, text []byte) []string {
	data, _, err := configfile.Get(format, text, nil)
	if err != nil {
		return nil
	}
	var all []string
	var walk func(name string, value any)
	walk = func(name string, value any) {
		switch v := value.(type) {
		case map[string]any:
			for member, item := range v {
				if member == "env_keys" { // names
					continue
				}
				if _, isText := item.(string); !isText || strings.Contains(strings.ToLower(name), "headers") && !strings.HasPrefix(name, "env_") || name == "env" {
					walk(member, item)
				}
			}
		case []any:
			for _, item := range v {
				walk(name, item)
			}
		case string:
			if len(v) > 6 && !strings.ContainsAny(v, "$") {
				all = append(all, v)
			}
		}
	}
	walk("", data)
	return all
}

func makeFolder(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o755); err != nil {
		t.Fatal(err)
	}
}

func linkTo(target string) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		t.Helper()
		if err := os.Symlink(target, path); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
	}
}

// tree returns each path below a folder with its mode and time and, for small files, the
// text.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		all[path] = info.Mode().String() + " " + info.ModTime().String()
		if info.Mode().IsRegular() && info.Size() < 1<<20 {
			text, err := os.ReadFile(path)
			all[path] += " " + string(text)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
