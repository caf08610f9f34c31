// Package files writes the files that a test needs.
package files

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Write writes text to a file with mode 0644 and returns the file's path. The path may have
// slashes on every system; directories are created if necessary.
func Write(t testing.TB, path, text string) string {
	t.Helper()
	return WriteMode(t, path, text, 0o644)
}

// WriteMode is like [Write], with another mode, whatever the umask is.
func WriteMode(t testing.TB, path, text string, mode fs.FileMode) string {
	t.Helper()
	file := filepath.FromSlash(path)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, mode); err != nil {
		t.Fatal(err)
	}
	return file
}
