package local

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Folder is the path of .mcpctl, where a project keeps what belongs to this
// machine: the key that was made here, the keys issued here, where the server
// runs. Everything in it is for the user's eyes only.
type Folder string

// FolderIn is the folder of the project at root.
func FolderIn(root string) Folder { return Folder(filepath.Join(root, ".mcpctl")) }

// Path is the path of a file in the folder.
func (f Folder) Path(name string) string { return filepath.Join(string(f), name) }

// Create makes the folder, and closes it to others if it was open.
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

// Read returns a file's content without surrounding blanks, "" if there is no
// such file.
func (f Folder) Read(name string) (string, error) {
	data, err := os.ReadFile(f.Path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read what is kept here: %w", err)
	}
	return strings.TrimSpace(string(data)), nil
}

// Write replaces a file as a whole or not at all, so that a reader never sees
// half of it, and keeps it from other users of this machine.
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

// Remove deletes a file; that there is none is no error.
func (f Folder) Remove(name string) error {
	if err := os.Remove(f.Path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove what is kept here: %w", err)
	}
	return nil
}
