// Package project copies the project, builds its programs and runs its CDK app as a user
// does, for tests of the whole project.
package project

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/lockedfile"

	"serverless-mcp/internal/settings"
)

// Root is the project's directory, relative to that of a test in internal/test.
const Root = "../../.."

// ModuleRoot returns the directory of go.mod, which is above the test's directory.
func ModuleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("find the module: no go.mod above %s", dir)
		}
	}
}

// Copy copies the project into a [Folder], which it removes when the test ends.
func Copy(t testing.TB, name string) (dir string) {
	t.Helper()
	dir, remove, err := Folder("clone-" + name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(remove)
	root, err := ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	if err := CopyTo(root, dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Folder returns an empty folder whose path is the same in each run, so that the go command
// finds in its cache what it compiled there before. A concurrent run waits until remove is
// called.
func Folder(name string) (dir string, remove func(), err error) {
	root, err := ModuleRoot()
	if err != nil {
		return "", nil, err
	}
	if dir, err = cacheFile(fmt.Sprintf("%s-%s", name, shortHash(root))); err != nil {
		return "", nil, err
	}
	unlock, err := lockedfile.MutexAt(dir + ".lock").Lock()
	if err != nil {
		return "", nil, fmt.Errorf("wait for another run: %w", err)
	}
	remove = func() {
		os.RemoveAll(dir)
		unlock()
	}
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil {
		remove()
		return "", nil, err
	}
	return dir, remove, nil
}

// CopyTo copies the files that a clone of the project would have.
func CopyTo(from, to string) error {
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
		return os.WriteFile(filepath.Join(to, rel), data, 0o644)
	})
}

// ReplaceTools does what "Make it yours" in README.md describes: it removes
// everything from a copy's tools/ except config.go, and writes another tools.go.
func ReplaceTools(root, tools string) error {
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

// ForgetSettings removes the developer's settings from the environment, which child processes
// inherit. [CopyTo] does not copy those in .env.
func ForgetSettings() {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); settings.IsSetting(name) || name == "MCP_API_KEY" {
			os.Unsetenv(name)
		}
	}
}

// RunParallel lets n tests run concurrently, unless -parallel is set. The default of one test
// per processor would leave processors idle if tests spend most of their time waiting.
func RunParallel(n int) {
	flag.Parse()
	set := false
	flag.Visit(func(f *flag.Flag) { set = set || f.Name == "test.parallel" })
	if !set {
		flag.Set("test.parallel", strconv.Itoa(n))
	}
}

// Output runs a command in a directory and returns everything that it printed.
func Output(cmd *exec.Cmd, dir string) (string, error) {
	var out bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &out
	err := cmd.Run()
	return out.String(), err
}
