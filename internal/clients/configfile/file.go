package configfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// ErrChanged reports that another program changed a file after [Open] read it.
var ErrChanged = errors.New("another program has changed it in the meantime; try again")

// A File is a configuration file as it was when it was opened.
type File struct {
	Path   string // as the caller named it
	Target string // the same path with links resolved; this file is read and written
	Text   []byte // nil if there is no file yet
	Exists bool

	// Backups is a folder that only the user may read, for the copy of the original file;
	// it is created if missing. Empty means the file's own folder.
	Backups string
	// NoCopy disables that copy.
	NoCopy bool

	// Settle is how long [File.Write] watches the old file after the new one is in
	// place: without leases, which only Linux has, a program may have opened it
	// just before. What such a program writes is restored, and Write fails with
	// [ErrChanged]. Zero means not at all.
	Settle time.Duration
	// NoSync skips fsync, for files that may be lost in a power failure.
	NoSync bool

	// Links is the number of hard links to the file. [File.Write] replaces the
	// file, so the other links keep the old text. 0 or 1 means that there are none.
	Links uint64

	mode     fs.FileMode
	modified time.Time
	info     fs.FileInfo // nil if there is no file

	// beforeExchange is called after the last comparison with the file, and before
	// the new text takes its place; nil outside of tests.
	beforeExchange func()
}

// Shared reports whether users other than the owner may read the file. On Windows the mode
// does not show this, and the result is false.
func (f File) Shared() bool { return f.Exists && f.mode&0o077 != 0 && runtime.GOOS != "windows" }

// Recent reports whether the file was modified within the last second: it may
// be incomplete because another program is still writing it.
func (f File) Recent() bool { return f.Exists && time.Since(f.modified) < time.Second }

// MaxSize is the size of the largest file that [Open] reads, in bytes.
const MaxSize = 32 << 20

// Open reads a file. A missing file is not an error, unless a link points to
// it: then it is unclear where to create the file.
func Open(path string) (File, error) {
	f := File{Path: path, Target: path, mode: 0o600}
	target, err := filepath.EvalSymlinks(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return File{}, fmt.Errorf("read %s: it is a link to a file that does not exist", path)
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
	switch {
	case info.IsDir():
		return File{}, fmt.Errorf("read %s: it is a folder", path)
	case !info.Mode().IsRegular():
		return File{}, fmt.Errorf("read %s: it is not a regular file", path)
	case info.Size() > MaxSize:
		return File{}, fmt.Errorf("read %s: it has %d MB, more than the limit of %d MB for a settings file", path, info.Size()>>20, MaxSize>>20)
	}
	if f.Text, err = os.ReadFile(target); err != nil {
		return File{}, fmt.Errorf("read %s: %w", path, cause(err))
	}
	f.Exists, f.mode, f.modified, f.info, f.Links = true, info.Mode().Perm(), info.ModTime(), info, links(info)
	return f, nil
}

// Write replaces the whole file or nothing, and keeps a symbolic link. It creates missing
// folders and, if there is none yet, a copy of the original with [BackupSuffix], and
// returns the path of a copy that it created.
//
// A new file gets mode 0600. An existing one keeps its mode: its owner may let a group or
// another program read it, and an entry without a key is no secret. secret means that the
// text contains a key: then other users lose their access, see [File.Shared]. A file that
// changed since [Open] ([ErrChanged]) and a read-only file are left unchanged.
func (f File) Write(text []byte, secret bool) (backup string, err error) {
	if bytes.Equal(text, f.Text) && f.Exists && !(secret && f.Shared()) {
		return "", nil
	}
	if err := f.check(); err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(f.Target), 0o755); err != nil {
		return "", fmt.Errorf("write %s: create its folder: %w", f.Path, readOnly(err))
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
	if err := f.replace(text, mode); err != nil {
		return "", fmt.Errorf("write %s: %w", f.Path, readOnly(err))
	}
	return backup, nil
}

// Delete removes the file, unless it changed since [Open].
func (f File) Delete() error {
	if !f.Exists {
		return nil
	}
	if err := f.check(); err != nil {
		return err
	}
	aside, err := os.CreateTemp(filepath.Dir(f.Target), tempPattern(f.Target))
	if err != nil {
		return fmt.Errorf("delete %s: %w", f.Path, readOnly(err))
	}
	aside.Close()
	if err := os.Rename(f.Target, aside.Name()); err != nil {
		os.Remove(aside.Name())
		return fmt.Errorf("delete %s: %w", f.Path, readOnly(err))
	}
	if now, err := os.ReadFile(aside.Name()); err != nil || !bytes.Equal(now, f.Text) {
		if err := create(aside.Name(), f.Target); err != nil && !errors.Is(err, ErrChanged) {
			return fmt.Errorf("delete %s: another program has changed it, and it is now %s: %w", f.Path, aside.Name(), err)
		}
		os.Remove(aside.Name())
		return fmt.Errorf("delete %s: %w", f.Path, ErrChanged)
	}
	return os.Remove(aside.Name())
}

// check reports whether the file is as [Open] read it and may be written.
func (f File) check() error {
	now, err := Open(f.Path)
	switch {
	case err != nil:
		return err
	case now.Target != f.Target || now.Exists != f.Exists || !bytes.Equal(now.Text, f.Text):
		return fmt.Errorf("write %s: %w", f.Path, ErrChanged)
	case f.mode&0o200 == 0:
		return fmt.Errorf("write %s: the file is read-only", f.Path)
	}
	return nil
}

// readOnly names the most common cause of a failed write.
func readOnly(err error) error {
	if errors.Is(err, fs.ErrPermission) || isReadOnlyFS(err) {
		return fmt.Errorf("the folder is read-only here (%w)", cause(err))
	}
	return cause(err)
}

// cause returns the error without its operation and path, which the caller adds.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		return link.Err
	}
	return err
}
