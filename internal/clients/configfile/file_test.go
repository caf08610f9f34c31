package configfile_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"serverless-mcp/internal/clients/configfile"
	"serverless-mcp/internal/test/files"
)

func TestNewFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b", "mcp.json")
	f := open(t, path)
	if backup, err := f.Write([]byte("new"), false); err != nil || backup != "" {
		t.Fatalf("Write = %q, %v", backup, err)
	}
	expect(t, path, "new", 0o600)
	onlyFiles(t, filepath.Dir(path), "mcp.json")
}

func TestExistingFile(t *testing.T) {
	for _, c := range []struct {
		name   string
		mode   fs.FileMode
		secret bool
		want   fs.FileMode
	}{
		{"a shared mode is kept", 0o644, false, 0o644},
		{"a stricter mode is kept", 0o600, false, 0o600},
		{"a file with a key is for the user only", 0o664, true, 0o600},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "mcp.json")
			files.WriteMode(t, path, "first", c.mode)
			backup, err := open(t, path).Write([]byte("second"), c.secret)
			if err != nil || backup != path+configfile.BackupSuffix {
				t.Fatalf("Write = %q, %v", backup, err)
			}
			expect(t, path, "second", c.want)
			expect(t, backup, "first", 0o600)
			// The copy of the original is not overwritten.
			if backup, err = open(t, path).Write([]byte("third"), c.secret); err != nil || backup != "" {
				t.Fatalf("second Write = %q, %v", backup, err)
			}
			expect(t, path+configfile.BackupSuffix, "first", 0o600)
			onlyFiles(t, filepath.Dir(path), "mcp.json", "mcp.json"+configfile.BackupSuffix)
		})
	}
}

// In a git work tree, the copy must not be beside the file.
func TestBackupElsewhere(t *testing.T) {
	dir := t.TempDir()
	path, backups := filepath.Join(dir, "project", "mcp.json"), filepath.Join(dir, "state", "mcpctl")
	if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	files.WriteMode(t, path, "first, with a key", 0o644)
	f := open(t, path)
	f.Backups = backups
	backup, err := f.Write([]byte("second"), false)
	if err != nil || !strings.HasPrefix(backup, backups) || !strings.HasSuffix(backup, filepath.Join("project", "mcp.json")+configfile.BackupSuffix) {
		t.Fatalf("Write = %q, %v", backup, err)
	}
	onlyFiles(t, filepath.Dir(path), "mcp.json")
	expect(t, backup, "first, with a key", 0o600)
	expect(t, filepath.Join(backups, ".gitignore"), "*\n", 0o600) // a home folder may be a work tree
	for _, folder := range []string{backups, filepath.Dir(backup)} {
		if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 && runtime.GOOS != "windows" {
			t.Errorf("%s has mode %v, want 0700 (%v)", folder, info.Mode(), err)
		}
	}
	f = open(t, path)
	f.Backups = backups
	if again, err := f.Write([]byte("third"), false); err != nil || again != "" {
		t.Errorf("second Write = %q, %v", again, err)
	}
	expect(t, backup, "first, with a key", 0o600)
}

func TestNothingToWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mcp.json")
	files.WriteMode(t, path, "same", 0o644)
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, path).Write([]byte("same"), false); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if !os.SameFile(before, after) {
		t.Error("the file was replaced with the same text")
	}
	onlyFiles(t, filepath.Dir(path), "mcp.json")
}

func TestSymlinkIsKept(t *testing.T) {
	dir := t.TempDir()
	dotfiles := filepath.Join(dir, "dotfiles")
	if err := os.Mkdir(dotfiles, 0o755); err != nil {
		t.Fatal(err)
	}
	real, link := filepath.Join(dotfiles, "mcp.json"), filepath.Join(dir, "mcp.json")
	files.WriteMode(t, real, "first", 0o644)
	if err := os.Symlink(filepath.Join("dotfiles", "mcp.json"), link); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	if _, err := open(t, link).Write([]byte("second"), false); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info, err)
	}
	expect(t, real, "second", 0o644)

	if err := os.Remove(real); err != nil {
		t.Fatal(err)
	}
	if _, err := configfile.Open(link); err == nil || !strings.Contains(err.Error(), "a link to a file that does not exist") {
		t.Errorf("Open of a link to nowhere: %v", err)
	}
}

func TestRefusesToWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mcp.json")
	files.WriteMode(t, path, "first", 0o644)
	f := open(t, path)
	files.WriteMode(t, path, "changed by the editor", 0o644)
	if _, err := f.Write([]byte("second"), false); err == nil || !strings.Contains(err.Error(), "has changed it in the meantime") {
		t.Errorf("Write over a change: %v", err)
	}
	expect(t, path, "changed by the editor", 0o644)

	if err := os.Chmod(path, 0o444); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, path).Write([]byte("second"), false); err == nil || !strings.Contains(err.Error(), "the file is read-only") {
		t.Errorf("Write of a read-only file: %v", err)
	}
	if _, err := configfile.Open(filepath.Dir(path)); err == nil || !strings.Contains(err.Error(), "it is a folder") {
		t.Errorf("Open of a folder: %v", err)
	}
	if err := os.Chmod(path, 0o600); err != nil { // so that Windows can delete it
		t.Fatal(err)
	}
}

// Root may write anywhere, so as root the test uses a read-only file system.
func TestReadOnlyFolder(t *testing.T) {
	dir := t.TempDir()
	switch {
	case runtime.GOOS == "windows":
		t.Skip("folders have no such mode")
	case os.Geteuid() == 0:
		if dir = "/sys"; exec.Command("touch", "/sys/mcpctl-test").Run() == nil {
			t.Skip("the test runs as root, and /sys is writable")
		}
	default:
		if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"mcp.json", "folder/mcp.json"} {
		_, err := open(t, filepath.Join(dir, name)).Write([]byte("x"), false)
		if err == nil || !strings.Contains(err.Error(), "the folder is read-only here") {
			t.Errorf("Write(%s): %v", name, err)
		}
	}
}

func open(t *testing.T, path string) configfile.File {
	t.Helper()
	f, err := configfile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func expect(t *testing.T, path, text string, mode fs.FileMode) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != text {
		t.Errorf("%s holds %q, want %q", path, got, text)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode && runtime.GOOS != "windows" {
		t.Errorf("%s has mode %v, want %v (%v)", path, info.Mode().Perm(), mode, err)
	}
}

// onlyFiles fails if dir contains any other files.
func onlyFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%s holds %v, want %v", dir, got, want)
	}
}
