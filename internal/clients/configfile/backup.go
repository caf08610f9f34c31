package configfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// BackupSuffix ends the name of the copy that is made once, before a file is
// changed for the first time.
const BackupSuffix = ".before-mcpctl"

// backUp copies the file once: what matters is how it was before mcpctl. The
// copy is for the user alone, wherever it is: the file may hold keys.
func (f File) backUp() (string, error) {
	path := f.Target + BackupSuffix
	if f.Backups != "" {
		path = f.mirrored()
	}
	if _, err := os.Lstat(path); err == nil {
		return "", nil
	}
	err := f.makeBackups(filepath.Dir(path))
	if err == nil {
		err = replace(path, f.Text, 0o600)
	}
	if err != nil {
		return "", fmt.Errorf("back up %s to %s: %w", f.Path, path, readOnly(err))
	}
	return path, nil
}

// mirrored is the copy's place below Backups: the same folders again, as files
// of one name are in many projects.
func (f File) mirrored() string {
	volume := filepath.VolumeName(f.Target)
	return filepath.Join(f.Backups, strings.ReplaceAll(volume, ":", ""), f.Target[len(volume):]+BackupSuffix)
}

// makeBackups makes the folder, with all of Backups hidden from git: a home
// folder may be a work tree too.
func (f File) makeBackups(dir string) error {
	if f.Backups == "" {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	ignore := filepath.Join(f.Backups, ".gitignore")
	if _, err := os.Lstat(ignore); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.WriteFile(ignore, []byte("*\n"), 0o600)
}
