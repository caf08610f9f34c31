package connect_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/connect"
)

// shop is the server that testdata/files is connected to; some files have an
// entry for it already.
var shop = clientconfig.Server{Name: "shop", URL: "https://abc.example.com/mcp"}

// variants changes a file's line ends, beginning or end.
var variants = map[string]func([]byte) []byte{
	"as it is":           func(text []byte) []byte { return text },
	"CRLF":               func(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")) },
	"byte order mark":    func(text []byte) []byte { return append([]byte("\ufeff"), text...) },
	"no newline at end":  func(text []byte) []byte { return bytes.TrimRight(text, "\n") },
	"blank lines at end": func(text []byte) []byte { return append(bytes.Clone(text), "\n\n\n"...) },
}

// TestSameBytesBack connects and disconnects realistic files of every client:
// the bytes must be the same as before.
func TestSameBytesBack(t *testing.T) {
	files := 0
	for _, c := range clientconfig.All() {
		archive, err := txtar.ParseFile(filepath.Join("testdata", "files", c.ID+".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		files += len(archive.Files)
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir() // one for all files: creating folders takes most of the time
			for _, f := range archive.Files {
				text := f.Data
				if strings.HasSuffix(f.Name, "!") { // all files in an archive end in a newline
					text = bytes.TrimSuffix(text, []byte("\n"))
				}
				for name, variant := range variants {
					sameBytesBack(t, dir, c, variant(text), "a", f.Name+", "+name)
					if c.SignsIn() {
						sameBytesBack(t, dir, c, variant(text), "s", f.Name+", sign-in, "+name)
					}
				}
				if c.SignsIn() {
					sameBytesBack(t, dir, c, text, "as", f.Name+", key and sign-in, in the same order")
					sameBytesBack(t, dir, c, text, "sa", f.Name+", key and sign-in, the last first")
				}
				sameBytesBack(t, dir, c, text, "ab", f.Name+", in the same order")
				sameBytesBack(t, dir, c, text, "ba", f.Name+", the last first")
			}
		})
	}
	if files < 75 {
		t.Errorf("%d files, want 75 or more", files)
	}
}

// sameBytesBack connects the server (a), and with a b in the steps another one, with an s
// its endpoint for sign-in, and disconnects them in the order of the steps. The folder is
// empty or was used by an earlier call.
func sameBytesBack(t *testing.T, dir string, c clientconfig.Client, before []byte, steps, what string) {
	t.Helper()
	path := filepath.Join(dir, "config")
	if err := os.WriteFile(path, before, 0o600); err != nil {
		t.Fatal(err)
	}
	f := connect.Files{State: filepath.Join(dir, "state"), Settle: -1, NoSync: true}
	servers := map[rune]clientconfig.Server{
		'a': shop, 'b': {Name: "second", URL: "https://second.example.com/mcp"},
		's': {Name: "shop-people", URL: "https://abc.example.com/signin/mcp", Signin: true},
	}
	order := []rune(steps)
	slices.Sort(order)
	for _, id := range order {
		if err := change(f.Add(c, servers[id], path, false)); err != nil {
			t.Errorf("%s: connect: %v", what, err)
			return
		}
	}
	for _, id := range steps {
		if err := change(f.Remove(c, servers[id].Name, path)); err != nil {
			t.Errorf("%s: disconnect: %v", what, err)
			return
		}
	}
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(before), string(after)); d != "" {
		t.Errorf("%s (-before +after):\n%s", what, d)
	}
	if left, err := os.ReadDir(filepath.Join(f.State, "connected")); err != nil || len(left) != 1 {
		t.Errorf("%s: the state folder contains %v (%v), want only the lock", what, left, err)
	}
}

func change(ch connect.Change, err error) error {
	if err != nil {
		return err
	}
	_, err = ch.Apply()
	return err
}
