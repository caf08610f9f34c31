package interop

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"serverless-mcp/internal/test/files"
)

// TestInstalled: npm must run if it never ran, was interrupted, or the lock has changed since.
func TestInstalled(t *testing.T) {
	const wanted, done = "package-lock.json", "node_modules/.package-lock.json"
	tests := map[string]struct {
		files []string // each a second newer than the previous one
		want  bool
	}{
		"nothing":                  {nil, false},
		"never installed":          {[]string{wanted}, false},
		"interrupted":              {[]string{wanted, "node_modules/x"}, false},
		"installed":                {[]string{wanted, done}, true},
		"the lock has changed":     {[]string{done, wanted}, false},
		"the lock has disappeared": {[]string{done}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			at := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
			for i, file := range tt.files {
				path := files.WriteMode(t, filepath.Join(dir, file), "", 0o755)
				if err := os.Chtimes(path, at, at.Add(time.Duration(i)*time.Second)); err != nil {
					t.Fatal(err)
				}
			}
			if got := installed(dir); got != tt.want {
				t.Errorf("installed is %v, want %v", got, tt.want)
			}
		})
	}
}

// TestInstallError: the error contains the output of npm.
func TestInstallError(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir) // for the lock file of installations
	files.WriteMode(t, filepath.Join(dir, "package-lock.json"), "{}", 0o755)
	t.Setenv("PATH", fakeProgram(t, "npm", "echo registry out of reach >&2; exit 1"))
	err := install(t.Context(), dir)
	if err == nil || !strings.Contains(err.Error(), "npm ci: exit status 1") || !strings.Contains(err.Error(), "registry out of reach") {
		t.Errorf("npm fails: %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if err := install(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "npm") {
		t.Errorf("no npm: %v", err)
	}
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	for version, wanted := range map[string]bool{"v22.1.0": true, "v24.0.0": true, "v20.9.0": false, "nonsense": false} {
		t.Setenv("PATH", fakeProgram(t, "node", "echo "+version))
		got, err := find(t.Context(), dir)
		if (err == nil) != wanted || wanted && got != "node" {
			t.Errorf("%s: %q, %v", version, got, err)
		}
		if err != nil && !strings.Contains(err.Error(), "install Node 22") {
			t.Errorf("%s: %v, want advice", version, err)
		}
	}
	own := filepath.Join(dir, "node_modules", "node", "bin")
	files.WriteMode(t, filepath.Join(own, "node"), "#!/bin/sh\necho v22.2.0\n", 0o755)
	if got, err := find(t.Context(), dir); err != nil || got != filepath.Join(own, "node") {
		t.Errorf("got %q, %v, want the one in the packages", got, err)
	}
}

// fakeProgram returns a directory with a program that runs a shell script.
func fakeProgram(t *testing.T, name, script string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	dir := t.TempDir()
	files.WriteMode(t, filepath.Join(dir, name), "#!/bin/sh\n"+script+"\n", 0o755)
	return dir
}
