package e2e

import (
	"io/fs"
	"os"
	"path/filepath"
)

// copyModule copies what a clone of the project would have.
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
		return os.WriteFile(filepath.Join(to, rel), data, 0o644)
	})
}

// replaceTools does to a copy's tools folder what "Make it yours" in README.md
// says: everything goes but config.go, and tools.go is the one given.
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
