package peer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCompressedSize: each dependency counts once, and other packages do not count.
func TestCompressedSize(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	size := func() int64 {
		t.Helper()
		n, err := compressedSize(folder, []string{"main.mjs"}, "a")
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	write("main.mjs", "import 'a';")
	write("node_modules/a/package.json", `{"dependencies":{"b":"1"},"devDependencies":{"c":"1"}}`)
	write("node_modules/b/package.json", `{"dependencies":{"a":"1"}}`)
	before := size()
	write("node_modules/c/index.js", "not needed")
	if after := size(); after != before {
		t.Errorf("a development dependency counts: %d, then %d bytes", before, after)
	}
	write("node_modules/b/index.js", strings.Repeat("needed", 1000))
	if grown := size() - before; grown <= 0 || grown > 100 {
		t.Errorf("6,000 bytes that compress well count as %d", grown)
	}
	if err := os.RemoveAll(filepath.Join(folder, "node_modules", "b")); err != nil {
		t.Fatal(err)
	}
	if _, err := compressedSize(folder, nil, "a"); err == nil {
		t.Error("no error for a missing dependency")
	}
}
