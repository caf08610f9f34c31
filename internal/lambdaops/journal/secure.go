package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Secure creates the journals' directory with mode 0700, or restricts an existing one
// and its files to their owner. A directory of another user is an error: that user could
// replace the journals, which determine what a rollback does.
func (d Dir) Secure() error {
	if err := os.MkdirAll(d.Path, 0o700); err != nil {
		return fmt.Errorf("create directory of journals: %w", err)
	}
	if runtime.GOOS == "windows" {
		return nil // Windows uses ACLs, inherited here from the user's profile
	}
	if err := secureDir(d.Path); err != nil {
		return err
	}
	entries, err := os.ReadDir(d.Path)
	if err != nil {
		return fmt.Errorf("secure journals: %w", err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) || err == nil && (!info.Mode().IsRegular() || info.Mode().Perm()&0o077 == 0) {
			continue
		}
		if err == nil {
			err = os.Chmod(filepath.Join(d.Path, e.Name()), 0o600)
		}
		if err != nil {
			return fmt.Errorf("secure journals: %w", err)
		}
	}
	return nil
}

// secureDir removes the permissions of group and others from a directory.
func secureDir(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("secure journals: %w", err)
	}
	if !owned(info) {
		return fmt.Errorf("secure journals: the directory %s belongs to another user", path)
	}
	if err := os.Chmod(path, 0o700); err != nil {
		return fmt.Errorf("secure journals: %w", err)
	}
	return nil
}

// SecureState creates the directory in which a program keeps journals and other files,
// with mode 0700. It restricts an existing directory to its owner if every entry has one of
// the names. A directory with other entries, such as a home directory, keeps its mode;
// it is an error if group or others can write to it.
func SecureState(path string, names ...string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return fmt.Errorf("create state directory: %w", err)
	}
	if runtime.GOOS == "windows" {
		return nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return fmt.Errorf("secure state directory: %w", err)
	}
	own := map[string]bool{}
	for _, name := range names {
		own[name] = true
	}
	for _, e := range entries {
		if own[e.Name()] {
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("secure state directory: %w", err)
		}
		if !owned(info) || info.Mode().Perm()&0o022 != 0 {
			return fmt.Errorf("secure state directory: other users can write to %s (mode %04o), which also contains %s: use a separate directory", path, info.Mode().Perm(), e.Name())
		}
		return nil
	}
	return secureDir(path)
}
