package e2e

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
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

// clockedAuthorizer is a function of the fixture's copy: the authorizer, line by
// line, but that its keyring's clock is testdata/clock.go.txt.
const clockedAuthorizer = "clockedauthorizer"

func addClockedAuthorizer(root string) error {
	text, err := os.ReadFile(filepath.Join(root, "functions", "authorizer", "main.go"))
	if err != nil {
		return err
	}
	const before = "keystore.Options{\n"
	if strings.Count(string(text), before) != 1 {
		return errors.New("functions/authorizer/main.go: there is no place to put a clock")
	}
	clock, err := os.ReadFile("testdata/clock.go.txt")
	if err != nil {
		return err
	}
	dir := filepath.Join(root, "functions", clockedAuthorizer)
	main := strings.Replace(string(text), before, before+"\t\tNow: now,\n", 1)
	return errors.Join(
		os.MkdirAll(dir, 0o755),
		os.WriteFile(filepath.Join(dir, "main.go"), []byte(main), 0o644),
		os.WriteFile(filepath.Join(dir, "clock.go"), clock, 0o644),
	)
}
