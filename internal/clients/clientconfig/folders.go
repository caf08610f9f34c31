package clientconfig

import (
	"io/fs"
	"path"
	"path/filepath"
	"strings"
)

// Folders are the folders of one machine that contain the clients' files.
type Folders struct {
	GOOS    string // darwin, linux or windows
	Home    string // the user's home folder
	Config  string // settings of programs: os.UserConfigDir
	Project string // the project's root; empty: none

	// Getenv reads the variables that move a client's files; nil means that none is set.
	Getenv func(string) string
	// Stat is os.Stat; nil means that no file exists.
	Stat func(path string) (fs.FileInfo, error)
}

// Env returns an environment variable, "" if it is unset.
func (f Folders) Env(name string) string {
	if f.Getenv == nil {
		return ""
	}
	return f.Getenv(name)
}

// folder reports whether a path is a folder, and whether there is anything at it.
func (f Folders) folder(path string) (isFolder, exists bool) {
	if f.Stat == nil {
		return false, false
	}
	info, err := f.Stat(path)
	return err == nil && info.IsDir(), err == nil
}

// Has reports whether path exists, as a file or anything else.
func (f Folders) Has(path string) bool {
	_, exists := f.folder(path)
	return exists
}

// hasFile reports whether path exists and is not a folder.
func (f Folders) hasFile(path string) bool {
	isFolder, exists := f.folder(path)
	return exists && !isFolder
}

// UserFile returns the client's file for all projects of the user, or "" if the client has
// none on that system or [Client.Misplaced] returns an error. In the table, ~ stands for
// the home folder and @ for the folder of settings (~/Library/Application Support on macOS,
// %AppData% on Windows, ~/.config on Linux).
//
// If a file of an older version of the client exists, and the client still reads it,
// UserFile returns that.
func (c Client) UserFile(f Folders) string {
	path, err := c.moved(f)
	if err != nil {
		return ""
	}
	if c.older != nil && f.hasFile(c.older(f)) {
		return c.older(f)
	}
	if path != "" {
		return c.existing(f, path)
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

// Traces returns folders, in addition to that of its file, that show that the client was
// used.
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
		if f.hasFile(twin) {
			return twin
		}
	}
	return path
}

// Twins returns the files in the same folder that take precedence over the one at path.
func (c Client) Twins(path string) []string {
	if c.twin == "" || filepath.Base(path) == c.twin {
		return nil
	}
	return []string{filepath.Join(filepath.Dir(path), c.twin)}
}

// Places returns the paths of the client's files in the form that users know, for messages:
// the project's file first, then the user's on that system.
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

// claudeOlder returns the file of Claude Code's first versions, which later ones read
// instead of .claude.json.
func claudeOlder(f Folders) string {
	if dir := f.Env("CLAUDE_CONFIG_DIR"); dir != "" {
		return filepath.Join(dir, ".config.json")
	}
	return filepath.Join(f.Home, ".claude", ".config.json")
}
