package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// DependOn makes the result of a test depend on the source in a project's folder root,
// for a test that compiles and starts its programs. The go command repeats the result of
// a test whose own files did not change, and it only sees the files that the test process
// opens or examines. See "go help test" about caching.
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
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // a copy for a test has only some folders
			return err
		}
	}
	return nil
}
