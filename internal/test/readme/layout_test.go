package readme

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestLayout compares the layout in ARCHITECTURE.md with internal/: the layout lists every
// package of the first two levels, and every folder that it lists exists.
func TestLayout(t *testing.T) {
	const root = "../../.."
	text, err := os.ReadFile(root + "/ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, ok := strings.Cut(string(text), "\ninternal/\n")
	layout, _, ok2 := strings.Cut(after, "\n```")
	if !ok || !ok2 {
		t.Fatal("ARCHITECTURE.md has no layout of internal/")
	}
	named := map[string]bool{}
	for _, m := range regexp.MustCompile(`\b([a-z0-9]+)/(?:[\s,:;]|$)`).FindAllStringSubmatch(layout, -1) {
		named[m[1]] = true
	}
	folders := map[string]bool{}
	err = filepath.WalkDir(root+"/internal", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			folders[d.Name()] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, pattern := range []string{"/internal/*/*.go", "/internal/*/*/*.go"} {
		files, err := filepath.Glob(root + pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("no files match %s: %v", pattern, err)
		}
		for _, file := range files {
			if folder := filepath.Base(filepath.Dir(file)); !named[folder] {
				t.Errorf("ARCHITECTURE.md does not have the package of %s", file)
			}
		}
	}
	for name := range named {
		if !folders[name] {
			t.Errorf("ARCHITECTURE.md has %s/, which does not exist", name)
		}
	}
}
