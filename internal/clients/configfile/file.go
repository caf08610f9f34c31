package configfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// A File is a configuration file as it was when it was opened.
type File struct {
	Path   string // as it was asked for
	Target string // the same, with links followed: what is read and written
	Text   []byte // nil where there is no file yet
	Exists bool

	// Backups is a folder of the user's alone for the copy from before, which
	// is made if it is missing; empty means beside the file.
	Backups string
	// NoCopy says that there is to be no such copy.
	NoCopy bool

	mode fs.FileMode
}

// Shared reports whether others than the user may read the file. On Windows
// its mode does not tell, and it is false.
func (f File) Shared() bool { return f.Exists && f.mode&0o077 != 0 && runtime.GOOS != "windows" }

// Open reads a file. That there is none is no error, unless a link points to
// nowhere: then nobody can tell where the file should be.
func Open(path string) (File, error) {
	f := File{Path: path, Target: path, mode: 0o600}
	target, err := filepath.EvalSymlinks(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return File{}, fmt.Errorf("read %s: it is a link to a file that is not there", path)
		}
		return f, nil
	case err != nil:
		return File{}, fmt.Errorf("read %s: %w", path, cause(err))
	}
	f.Target = target
	info, err := os.Stat(target)
	if err != nil {
		return File{}, fmt.Errorf("read %s: %w", path, cause(err))
	}
	if !info.Mode().IsRegular() {
		return File{}, fmt.Errorf("read %s: it is no file", path)
	}
	if f.Text, err = os.ReadFile(target); err != nil {
		return File{}, fmt.Errorf("read %s: %w", path, cause(err))
	}
	f.Exists, f.mode = true, info.Mode().Perm()
	return f, nil
}

// Write replaces the file as a whole or not at all, by a rename; a link stays
// a link. It makes the folders that are missing, and a copy with
// [BackupSuffix] if there is none yet, whose path it returns.
//
// A new file is the user's alone (0600). An existing one keeps its mode: whoever
// set it may let a group or another program read the file, and an entry without
// a key tells them nothing. secret says that a key stands in the text: then
// others lose what rights they had, see [File.Shared]. A file that changed since
// [Open] is left alone, and so is one that is read-only.
func (f File) Write(text []byte, secret bool) (backup string, err error) {
	if bytes.Equal(text, f.Text) && f.Exists && !(secret && f.Shared()) {
		return "", nil
	}
	now, err := Open(f.Path)
	if err != nil {
		return "", err
	}
	switch {
	case now.Exists != f.Exists || !bytes.Equal(now.Text, f.Text):
		return "", fmt.Errorf("write %s: another program has changed it meanwhile; try again", f.Path)
	case f.mode&0o200 == 0:
		return "", fmt.Errorf("write %s: the file is read-only", f.Path)
	}
	if err := os.MkdirAll(filepath.Dir(f.Target), 0o755); err != nil {
		return "", fmt.Errorf("write %s: make its folder: %w", f.Path, readOnly(err))
	}
	mode := f.mode
	if secret {
		mode &^= 0o077
	}
	if f.Exists && !f.NoCopy {
		if backup, err = f.backUp(); err != nil {
			return "", err
		}
	}
	if err := replace(f.Target, text, mode); err != nil {
		return "", fmt.Errorf("write %s: %w", f.Path, readOnly(err))
	}
	return backup, nil
}

// replace writes beside the target, then renames.
func replace(target string, text []byte, mode fs.FileMode) error {
	temp, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+"-*") // 0600
	if err != nil {
		return err
	}
	_, err = temp.Write(text)
	err = errors.Join(err, temp.Sync(), temp.Close())
	if err == nil {
		err = os.Chmod(temp.Name(), mode)
	}
	if err == nil {
		err = os.Rename(temp.Name(), target)
	}
	if err != nil {
		os.Remove(temp.Name())
	}
	return err
}

// readOnly says in words what most often stops a write.
func readOnly(err error) error {
	if errors.Is(err, fs.ErrPermission) || isReadOnlyFS(err) {
		return fmt.Errorf("the folder is read-only here (%w)", cause(err))
	}
	return cause(err)
}

// cause is the error without the operation and the path, which is told already.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
