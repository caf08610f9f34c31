package local

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Folder is the path of .mcpctl, which holds a project's state on this machine: the
// generated local key, the locally issued keys and where the local server runs. Only
// the user can read it.
type Folder string

// BuildFolder is the name of the folder with the compiled programs.
const BuildFolder = "build"

// FolderIn returns the folder of the project at root.
func FolderIn(root string) Folder { return Folder(filepath.Join(root, ".mcpctl")) }

// Path returns the path of a file in the folder.
func (f Folder) Path(name string) string { return filepath.Join(string(f), name) }

// Create creates the folder with mode 0700, and sets that mode if it exists.
func (f Folder) Create() error {
	err := os.MkdirAll(string(f), 0o700)
	if err == nil {
		err = os.Chmod(string(f), 0o700)
	}
	if err != nil {
		return fmt.Errorf("create folder %s: %w", f, err)
	}
	return nil
}

// Read returns a file's content without surrounding white space, or "" if the file
// does not exist.
func (f Folder) Read(name string) (string, error) {
	data, err := os.ReadFile(f.Path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read local state: %w", err)
	}
	return strings.TrimSpace(string(data)), nil
}

// Write replaces a file atomically, with mode 0600.
func (f Folder) Write(name, text string) error {
	if err := f.Create(); err != nil {
		return err
	}
	temp, err := os.CreateTemp(string(f), "."+name+"-*") // 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", f.Path(name), err)
	}
	_, err = temp.WriteString(text + "\n")
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), f.Path(name))
	}
	if err != nil {
		os.Remove(temp.Name())
		return fmt.Errorf("write %s: %w", f.Path(name), err)
	}
	return nil
}

// Remove deletes a file. A missing file is not an error.
func (f Folder) Remove(name string) error {
	if err := os.Remove(f.Path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove local state: %w", err)
	}
	return nil
}
