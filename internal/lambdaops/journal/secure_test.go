package journal

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// openDir creates a directory with mode 0777 and the given files with mode 0666.
func openDir(t *testing.T, files ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "state")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil { // whatever the umask is
		t.Fatal(err)
	}
	for _, name := range files {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func mode(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

func TestSecure(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no mode bits")
	}
	dir := openDir(t, "a.open.json", "a.lock")
	if err := (Dir{Path: dir}).Secure(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{".": 0o700, "a.open.json": 0o600, "a.lock": 0o600} {
		if got := mode(t, filepath.Join(dir, name)); got != want {
			t.Errorf("%s has mode %o, want %o", name, got, want)
		}
	}
	fresh := filepath.Join(t.TempDir(), "a", "b")
	if err := (Dir{Path: fresh}).Secure(); err != nil || mode(t, fresh) != 0o700 || mode(t, filepath.Dir(fresh)) != 0o700 {
		t.Errorf("a new directory: %v, mode %o", err, mode(t, fresh))
	}
	file := filepath.Join(dir, "a.lock")
	if err := (Dir{Path: file}).Secure(); err == nil {
		t.Error("a file passed as a directory of journals")
	}
}

func TestSecureState(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no mode bits")
	}
	for name, tc := range map[string]struct {
		files []string
		mode  os.FileMode // of the directory before
		want  os.FileMode
		err   string
	}{
		"empty":               {nil, 0o777, 0o700, ""},
		"its own files":       {[]string{"operations", "runtimes.json"}, 0o755, 0o700, ""},
		"others can read":     {[]string{"operations", "notes.txt"}, 0o755, 0o755, ""},
		"others can write":    {[]string{"operations", "notes.txt"}, 0o777, 0o777, "(mode 0777), which also contains notes.txt"},
		"the group can write": {[]string{"notes.txt"}, 0o770, 0o770, "other users can write"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := openDir(t, tc.files...)
			if err := os.Chmod(dir, tc.mode); err != nil {
				t.Fatal(err)
			}
			err := SecureState(dir, "operations", "runtimes.json")
			if (err == nil) != (tc.err == "") || err != nil && !strings.Contains(err.Error(), tc.err) {
				t.Errorf("error %v, want %q", err, tc.err)
			}
			if got := mode(t, dir); got != tc.want {
				t.Errorf("mode %o, want %o", got, tc.want)
			}
		})
	}
}

// TestForeignDirectory: a directory of another user, who could replace the journals in it,
// is an error.
func TestForeignDirectory(t *testing.T) {
	if runtime.GOOS == "windows" || os.Geteuid() != 0 {
		t.Skip("only root can give a directory to another user")
	}
	dir := openDir(t)
	if err := os.Chown(dir, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	if err := (Dir{Path: dir}).Secure(); err == nil || !strings.Contains(err.Error(), "belongs to another user") {
		t.Errorf("Secure: %v", err)
	}
	if err := SecureState(dir); err == nil || !strings.Contains(err.Error(), "belongs to another user") {
		t.Errorf("SecureState: %v", err)
	}
}
