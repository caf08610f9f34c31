package clientconfig

import (
	"path"
	"path/filepath"
	"strings"
)

// Folders are the places that user-level files start from, on one machine.
type Folders struct {
	GOOS    string // darwin, linux or windows
	Home    string // the user's home folder
	Config  string // settings of programs: os.UserConfigDir
	Project string // the project's root; empty: none

	// Getenv reads the variables with which people move a client's files; nil:
	// none is set.
	Getenv func(string) string
	// Exists reports whether a file exists; nil: none does.
	Exists func(path string) bool
}

// Env returns an environment variable, "" if it is unset.
func (f Folders) Env(name string) string {
	if f.Getenv == nil {
		return ""
	}
	return f.Getenv(name)
}

// A move is a variable that moves a client's file.
type move struct {
	variable string
	below    string // the file's path in the variable's folder; empty: the variable is the file
}

// UserFile returns the client's file for all projects of the user, or "" if the
// client has none on that system. In the table, ~ stands for the home folder and @
// for the folder of settings (~/Library/Application Support on macOS, %AppData% on
// Windows, ~/.config on Linux).
func (c Client) UserFile(f Folders) string {
	for _, m := range c.moves {
		if dir := f.Env(m.variable); filepath.IsAbs(dir) {
			return c.existing(f, filepath.Join(dir, filepath.FromSlash(m.below)))
		}
	}
	name, ok := c.user[f.GOOS]
	if !ok {
		name = c.user[""]
	}
	switch {
	case name == "":
		return ""
	case strings.HasPrefix(name, "@"):
		return c.existing(f, filepath.Join(f.Config, filepath.FromSlash(name[1:])))
	}
	return c.existing(f, filepath.Join(f.Home, filepath.FromSlash(strings.TrimPrefix(name, "~"))))
}

// Traces returns folders that exist once the client was used, in addition to the
// folder of its file.
func (c Client) Traces(f Folders) []string {
	var all []string
	for _, name := range c.traces {
		all = append(all, filepath.Join(f.Home, filepath.FromSlash(strings.TrimPrefix(name, "~"))))
	}
	return all
}

// ProjectFile returns the client's file for one project, or "" if the client has none
// or no project is known.
func (c Client) ProjectFile(f Folders) string {
	if c.project == "" || f.Project == "" {
		return ""
	}
	return c.existing(f, filepath.Join(f.Project, filepath.FromSlash(c.project)))
}

// existing returns the first of path's alternatives that exists, or path.
func (c Client) existing(f Folders, path string) string {
	for _, twin := range c.Twins(path) {
		if f.Exists != nil && f.Exists(twin) {
			return twin
		}
	}
	return path
}

// Twins returns the files of the same folder that win over the one at path.
func (c Client) Twins(path string) []string {
	if c.twin == "" || filepath.Base(path) == c.twin {
		return nil
	}
	return []string{filepath.Join(filepath.Dir(path), c.twin)}
}

// Places returns the client's files as people know them, for texts: the
// project's first, then the user's on that system.
func (c Client) Places(goos string) []string {
	var all []string
	if c.project != "" {
		all = append(all, c.project)
	}
	config := map[string]string{"darwin": "~/Library/Application Support", "windows": "%APPDATA%"}[goos]
	if config == "" {
		config = "~/.config"
	}
	name, ok := c.user[goos]
	if !ok {
		name = c.user[""]
	}
	if strings.HasPrefix(name, "@") {
		name = path.Join(config, name[1:])
	}
	if goos == "windows" {
		name = strings.ReplaceAll(strings.Replace(name, "~", "%USERPROFILE%", 1), "/", `\`)
	}
	if name != "" {
		all = append(all, name)
	}
	return all
}
