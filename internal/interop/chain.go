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

// Chain runs a server as it is deployed with settings as in .env: behind the
// gateway and the authorizer, or behind a Function URL. Its functions are those
// of a folder, named from the module's root, and of "functions" where that has
// none of the name. It ends with the test.
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
	system, err := local.Start(topology, local.Options{Binary: buildFunctions(t, topology, folder)})
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
func buildFunctions(t testing.TB, topology local.Topology, folder string) func(name string) string {
	t.Helper()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	if err := noteSources(root); err != nil {
		t.Fatal(err)
	}
	o := build.Options{Root: root, Out: t.TempDir(), GOOS: runtime.GOOS, GOARCH: runtime.GOARCH}
	for _, f := range topology.Functions {
		o.Names, o.Folder = []string{f.Package}, folder
		if _, err := os.Stat(filepath.Join(root, folder, f.Package)); err != nil {
			o.Folder = "functions"
		}
		if err := build.Run(t.Context(), o); err != nil {
			t.Fatalf("build %s/%s: %v", o.Folder, f.Package, err)
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
