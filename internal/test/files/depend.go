package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// DependOn makes the cached result of a test depend on the source in a project's folder
// root, for tests that compile and start its programs. The go command reuses a test's result
// unless files have changed that the test process itself opened or examined; it does not
// notice what child processes read. See "go help test" about caching.
func DependOn(root string) error {
	for _, name := range []string{"bench", "cmd", "functions", "internal", "stacks", "tools", "cdk.go", "cdk.json", "go.mod", "go.sum"} {
		err := filepath.WalkDir(filepath.Join(root, name), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && (d.Name() == "testdata" || d.Name() == "node_modules") {
				return fs.SkipDir
			}
			_, err = os.Stat(path)
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // a test's copy has only some of the folders
			return err
		}
	}
	return nil
}
