package watch_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"serverless-mcp/internal/devserver/watch"
	"serverless-mcp/internal/test/files"
)

// reported watches a new project while do changes it, and returns the reported paths.
// Events come in order, so a last change marks the end.
func reported(t *testing.T, do func(root string)) []string {
	t.Helper()
	root := t.TempDir()
	for _, name := range []string{"tools/a.go", "tools/testdata/y", "dist/x", ".git/x", "stacks/y.go", "cmd/mcpd/main.go", "cmd/mcpctl/main.go"} {
		files.Write(t, filepath.Join(root, name), "x")
	}
	w, err := watch.New(watch.Options{Root: root, Dirs: []string{"tools", "cmd/mcpd"}, Files: []string{"go.mod", ".env", "the-end"}, Quiet: 5 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	do(root)
	files.Write(t, filepath.Join(root, "the-end"), "x")
	var all []string
	err = w.Run(ctx, func(paths []string) {
		for _, p := range paths {
			if p == "the-end" {
				cancel()
			} else if p = filepath.ToSlash(p); !slices.Contains(all, p) {
				all = append(all, p)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestReportedChanges(t *testing.T) {
	for _, c := range []struct {
		name, write string
		want        string // "" means nothing
	}{
		{"a source file", "tools/a.go", "tools/a.go"},
		{"a new file", "tools/b.go", "tools/b.go"},
		{"a file beside go.mod", "go.mod", "go.mod"},
		{"the settings", ".env", ".env"},
		{"a new folder", "tools/new/c.go", "tools/new"},
		{"what was built", "dist/mcp.zip", ""},
		{"git", ".git/index", ""},
		{"a back-up", "tools/a.go~", ""},
		{"an editor's file", "tools/.a.swp", ""},
		{"a nested folder", "cmd/mcpd/main.go", "cmd/mcpd/main.go"},
		{"another nested folder", "cmd/mcpctl/main.go", ""},
		{"another folder", "stacks/x.go", ""},
		{"a log in the project", "log.txt", ""},
		{"test data", "tools/testdata/x", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := reported(t, func(root string) { files.Write(t, filepath.Join(root, c.write), "x") })
			if c.want == "" && len(got) > 0 || c.want != "" && !slices.Contains(got, c.want) {
				t.Errorf("writing %s reported %q, want %q", c.write, got, c.want)
			}
		})
	}
	t.Run("a removed file", func(t *testing.T) {
		got := reported(t, func(root string) { os.Remove(filepath.Join(root, "tools", "a.go")) })
		if !slices.Equal(got, []string{"tools/a.go"}) {
			t.Errorf("reported %q", got)
		}
	})
}

// A folder that was created later is watched as well.
func TestNewFolderIsWatched(t *testing.T) {
	root := t.TempDir()
	files.Write(t, filepath.Join(root, "tools/a.go"), "x")
	w, err := watch.New(watch.Options{Root: root, Dirs: []string{"tools"}, Files: []string{"go.mod", ".env", "the-end"}, Quiet: 5 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := os.Mkdir(filepath.Join(root, "tools", "new"), 0o755); err != nil {
		t.Fatal(err)
	}
	late := filepath.Join("tools", "new", "late.go")
	found := false
	err = w.Run(ctx, func(paths []string) {
		if slices.Contains(paths, filepath.Join("tools", "new")) {
			files.Write(t, filepath.Join(root, "tools/new/late.go"), "x")
		}
		if found = slices.Contains(paths, late); found {
			cancel()
		}
	})
	if err != nil || !found {
		t.Errorf("%s was not reported (%v)", late, err)
	}
}

// A watched folder that is removed and created again, as when switching branches, is
// watched again.
func TestFolderCreatedAgain(t *testing.T) {
	for _, dir := range []string{"tools", "cmd/mcpd"} {
		t.Run(dir, func(t *testing.T) { changeAfterRename(t, dir) })
	}
}

func changeAfterRename(t *testing.T, dir string) {
	t.Helper()
	root := t.TempDir()
	files.Write(t, filepath.Join(root, dir, "a.go"), "x")
	w, err := watch.New(watch.Options{Root: root, Dirs: []string{dir}, Files: []string{"again", "the-end"}, Quiet: 5 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := os.Rename(filepath.Join(root, dir), filepath.Join(root, "other")); err != nil {
		t.Fatal(err)
	}
	files.Write(t, filepath.Join(root, dir, "a.go"), "x")
	files.Write(t, filepath.Join(root, "again"), "x")
	found := false
	err = w.Run(ctx, func(paths []string) {
		if slices.Contains(paths, "again") {
			files.Write(t, filepath.Join(root, dir, "a.go"), "y")
			files.Write(t, filepath.Join(root, "the-end"), "x")
		}
		found = found || slices.Contains(paths, filepath.Join(filepath.FromSlash(dir), "a.go"))
		if slices.Contains(paths, "the-end") {
			cancel()
		}
	})
	if err != nil || !found {
		t.Errorf("a change of a.go was not reported (%v)", err)
	}
}
