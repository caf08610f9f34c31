package e2e

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// copyOfProject copies the project into a directory that is the same in each run,
// so that the go command finds in its cache what it compiled there before. It
// removes the copy when the test ends. A second run at the same time waits.
func copyOfProject(t *testing.T, name string) (dir string) {
	t.Helper()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = t.TempDir() // slower, and all the same
	}
	cache = filepath.Join(cache, "serverless-mcp")
	if err := os.MkdirAll(cache, 0o700); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(root))
	dir = filepath.Join(cache, fmt.Sprintf("e2e-%x-%s", sum[:6], name))
	unlock, err := lockedfile.MutexAt(dir + ".lock").Lock()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		os.RemoveAll(dir)
		unlock()
	})
	if err := errors.Join(os.RemoveAll(dir), copyModule(root, dir)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// copyModule copies the files that a clone of the project has. The copies keep
// their modification times, so that tests which run in the copy may be cached.
func copyModule(from, to string) error {
	skip := map[string]bool{".git": true, "node_modules": true, "dist": true, "cdk.out": true, ".mcpctl": true, ".env": true}
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		switch {
		case skip[d.Name()] && d.IsDir():
			return filepath.SkipDir
		case skip[d.Name()]:
			return nil
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		case !d.Type().IsRegular():
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, rel), data, 0o644); err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return os.Chtimes(filepath.Join(to, rel), info.ModTime(), info.ModTime())
	})
}

// replaceTools does what "Make it yours" in README.md describes: it removes
// everything from a copy's tools/ except config.go, and writes another tools.go.
func replaceTools(root, tools string) error {
	dir := filepath.Join(root, "tools")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == "config.go" {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	data, err := os.ReadFile(tools)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "tools.go"), data, 0o644)
}

// clockedAuthorizer is a function of the fixture's copy: the authorizer, with the
// clock of testdata/clock.go.txt in its keyring.
const clockedAuthorizer = "clockedauthorizer"

// addClocks adds clockedAuthorizer to a copy of the project and gives the MCP
// functions the same clock for expiry. Without the variable CLOCK it is the
// machine's.
func addClocks(root string) error {
	clock, err := os.ReadFile("testdata/clock.go.txt")
	if err != nil {
		return err
	}
	functions, mcphttp := filepath.Join(root, "functions"), filepath.Join(root, "internal", "mcp", "mcphttp")
	dir := filepath.Join(functions, clockedAuthorizer)
	return errors.Join(
		os.MkdirAll(dir, 0o755),
		replaceOnce(filepath.Join(functions, "authorizer", "main.go"), filepath.Join(dir, "main.go"), "keystore.Options{\n", "keystore.Options{\n\t\tNow: now,\n"),
		os.WriteFile(filepath.Join(dir, "clock.go"), clock, 0o644),
		replaceOnce(filepath.Join(mcphttp, "mcphttp.go"), filepath.Join(mcphttp, "mcphttp.go"), "o.Now = time.Now\n", "o.Now = now\n"),
		os.WriteFile(filepath.Join(mcphttp, "clock.go"), bytes.Replace(clock, []byte("package main"), []byte("package mcphttp"), 1), 0o644),
	)
}

// replaceOnce writes a file's text to another file with one place changed. It
// fails unless the place occurs exactly once.
func replaceOnce(from, to, before, after string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if n := bytes.Count(text, []byte(before)); n != 1 {
		return fmt.Errorf("%s contains %q %d times, want once", from, before, n)
	}
	return os.WriteFile(to, bytes.Replace(text, []byte(before), []byte(after), 1), 0o644)
}
