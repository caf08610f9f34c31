// Package dotenv finds and reads the project's .env and merges it with the
// environment. serverless-mcp/internal/settings interprets the values.
package dotenv

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/settings"
)

// File is the name of the settings file.
const File = ".env"

// marker is the file that identifies the project's folder.
const marker = "cdk.json"

// ErrNoProject means that neither a folder nor any folder above it is a project.
var ErrNoProject = errors.New("no " + marker + " here or in a folder above")

// Root returns the project's folder: dir or the nearest folder above it with a
// cdk.json. If there is none, the error is [ErrNoProject].
func Root(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find %s: %w", marker, err)
	}
	for {
		if isFile(filepath.Join(dir, marker)) {
			return dir, nil
		}
		if filepath.Dir(dir) == dir {
			return "", ErrNoProject
		}
		dir = filepath.Dir(dir)
	}
}

// Load returns the settings for dir: those of the nearest .env from dir up to the
// project's folder, overridden by the variables in environ ("NAME=value", as from
// os.Environ) that are settings. Without a project or without a .env in it, the
// settings come from environ only. The notes name, without values, the settings of the
// file that the environment overrides, and warn if other users can read secrets in the
// file. A value such as @icon.png is replaced by the file's contents, see
// settings.FileSettings. If some lines are invalid or such a file cannot be read, Load
// returns the other values with an error, which is or contains a [*LineError] for the
// lines; with any other error it returns no values.
func Load(dir string, environ []string) (values map[string]string, notes []string, err error) {
	values = map[string]string{}
	path := find(dir)
	if path != "" {
		if values, err = read(path); values == nil {
			return nil, nil, err
		}
	}
	exposed := isExposed(path, values) // before the environment's values are added
	clashes := map[string]bool{}
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		if !settings.IsSetting(name) {
			continue
		}
		if old, ok := values[name]; ok && old != value {
			clashes[name] = true
		}
		values[name] = value
	}
	if exposed {
		notes = append(notes, fmt.Sprintf("%s contains a key or secret, and other users of this machine can read it: chmod 600 %s", path, clientconfig.QuoteShell(path)))
	}
	for _, name := range slices.Sorted(maps.Keys(clashes)) {
		notes = append(notes, fmt.Sprintf("%s is set in %s and, differently, in the environment; the environment's value is used", name, path))
	}
	return values, notes, errors.Join(err, readFiles(dir, path, values))
}

// isExposed reports whether the file at path can be read by other users and
// contains a secret. Windows has no such permissions.
func isExposed(path string, values map[string]string) bool {
	info, err := os.Stat(path)
	if path == "" || err != nil || runtime.GOOS == "windows" || !info.Mode().IsRegular() || info.Mode().Perm()&0o044 == 0 {
		return false
	}
	for name, value := range values {
		isSecret := name == "API_KEY" && value != settings.NoKey || strings.HasPrefix(name, "TOOL_SECRET_")
		if isSecret && value != "" {
			return true
		}
	}
	return false
}

// read parses a file; its errors name the file.
func read(path string) (map[string]string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	values, err := Parse(data)
	if err != nil {
		err = fmt.Errorf("read %s: %w", path, err)
	}
	return values, err
}

// find returns the path of the .env for dir, or "".
func find(dir string) string {
	root, err := Root(dir)
	if err != nil {
		return ""
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return ""
	}
	for {
		if path := filepath.Join(dir, File); isFile(path) {
			return path
		}
		if dir == root {
			return ""
		}
		dir = filepath.Dir(dir)
	}
}

// isFile reports whether path exists and is not a folder. An unreadable file
// counts, so that reading it reports the error. So does a named pipe: some secret
// stores provide a .env that way.
func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&fs.ModeDir == 0
}
