package interop

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"serverless-mcp/internal/build"
	"serverless-mcp/internal/local"
	"serverless-mcp/internal/settings"
)

// Chain runs a server behind the gateway and the authorizer, with settings as in
// .env. The server is the function mcp of a folder, named from the module's
// root: "functions" has the one that is deployed. It ends with the test.
func Chain(t testing.TB, folder string, values map[string]string) *local.System {
	t.Helper()
	chosen, err := settings.Parse(values)
	if err != nil {
		t.Fatal(err)
	}
	topology, err := local.FromSettings(chosen)
	if err != nil {
		t.Fatal(err)
	}
	system, err := local.Start(topology, local.Options{Binary: buildFunctions(t, folder)})
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

// buildFunctions builds the functions as they are deployed, but for this
// machine, and returns where they are.
func buildFunctions(t testing.TB, folder string) func(name string) string {
	t.Helper()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	if err := noteSources(root); err != nil {
		t.Fatal(err)
	}
	o := build.Options{Root: root, Out: t.TempDir(), GOOS: runtime.GOOS, GOARCH: runtime.GOARCH}
	for name, folder := range map[string]string{"authorizer": "functions", "mcp": folder} {
		o.Names, o.Folder = []string{name}, folder
		if err := build.Run(t.Context(), o); err != nil {
			t.Fatalf("build %s/%s: %v", folder, name, err)
		}
	}
	return o.Path
}

// noteSources looks at every file that a function may be made of, so that go
// test knows that the result of this test depends on them: it does not see what
// its child processes read, and would keep an old result.
func noteSources(root string) error {
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
