package interop

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"serverless-mcp/internal/local"
	"serverless-mcp/internal/settings"
)

// Functions are the import paths that a chain's functions are built from, by
// the names of their folders.
type Functions map[string]string

// Deployed are the functions as they are deployed.
var Deployed = Functions{
	"authorizer": "serverless-mcp/functions/authorizer",
	"mcp":        "serverless-mcp/functions/mcp",
}

// Chain runs functions behind the gateway and the authorizer, with settings as
// in .env. It ends with the test.
func Chain(t testing.TB, functions Functions, values map[string]string) *local.System {
	t.Helper()
	chosen, err := settings.Parse(values)
	if err != nil {
		t.Fatal(err)
	}
	topology, err := local.FromSettings(chosen)
	if err != nil {
		t.Fatal(err)
	}
	system, err := local.Start(topology, local.Options{Binary: functions.build(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := system.Close(); err != nil {
			t.Error(err)
		}
	})
	return system
}

// build compiles the functions for this machine, and returns where they are.
func (f Functions) build(t testing.TB) func(name string) string {
	t.Helper()
	if err := noteSources(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := func(name string) string {
		if runtime.GOOS == "windows" {
			name += ".exe"
		}
		return filepath.Join(dir, name)
	}
	for name, source := range f {
		cmd := exec.CommandContext(t.Context(), "go", "build", "-tags", "lambda.norpc", "-o", path(name), source)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("build %s: %v\n%s", source, err, out)
		}
	}
	return path
}

// noteSources looks at every file that a function may be made of, so that go
// test knows that the result of this test depends on them: it does not see what
// its child processes read, and would keep an old result.
func noteSources() error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	for _, dir := range []string{"functions", "internal", "tools"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.Name() == "node_modules":
				return fs.SkipDir
			case filepath.Ext(path) == ".go":
				_, err = os.Stat(path)
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("look at the sources: %w", err)
		}
	}
	return nil
}
