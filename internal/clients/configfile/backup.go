package configfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// BackupSuffix is the suffix of the copy that is made before a file is changed for the
// first time.
const BackupSuffix = ".before-mcpctl"

// backUp copies the file once: the copy shows the file before mcpctl first
// changed it. Only the user may read the copy: the file may hold keys.
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
		err = f.writeCopy(path)
	}
	if err != nil {
		return "", fmt.Errorf("back up %s to %s: %w", f.Path, path, readOnly(err))
	}
	return path, nil
}

// writeCopy writes the copy completely or not at all.
func (f File) writeCopy(path string) error {
	temp, err := writeTemp(path, f.Text, 0o600, nil)
	if err != nil {
		return err
	}
	if err := errors.Join(f.sync(temp), os.Rename(temp, path)); err != nil {
		os.Remove(temp)
		return err
	}
	return nil
}

// mirrored returns the copy's path in Backups. It contains the original's folders, because
// many projects have files with the same name.
func (f File) mirrored() string {
	volume := filepath.VolumeName(f.Target)
	return filepath.Join(f.Backups, strings.ReplaceAll(volume, ":", ""), f.Target[len(volume):]+BackupSuffix)
}

// makeBackups creates dir. All of Backups is hidden from git, because a home folder may be
// a work tree too.
func (f File) makeBackups(dir string) error {
	if f.Backups == "" {
		return nil
	}
	return MakeState(f.Backups, dir)
}

// MakeState creates dir, a folder in state, which only the user may read. state is mcpctl's
// own folder, and is hidden from git.
func MakeState(state, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	ignore := filepath.Join(state, ".gitignore")
	if _, err := os.Lstat(ignore); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.WriteFile(ignore, []byte("*\n"), 0o600)
}
