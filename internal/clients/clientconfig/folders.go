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
}

// UserFile is the client's file for all projects of the user, or "" where the
// client has none on that system. In the table, ~ stands for the home folder
// and @ for the folder of settings (~/Library/Application Support on macOS,
// %AppData% on Windows, ~/.config on Linux).
func (c Client) UserFile(f Folders) string {
	name, ok := c.user[f.GOOS]
	if !ok {
		name = c.user[""]
	}
	switch {
	case name == "":
		return ""
	case strings.HasPrefix(name, "@"):
		return filepath.Join(f.Config, filepath.FromSlash(name[1:]))
	}
	return filepath.Join(f.Home, filepath.FromSlash(strings.TrimPrefix(name, "~")))
}

// ProjectFile is the client's file for one project, or "" where the client has
// none or no project is known.
func (c Client) ProjectFile(f Folders) string {
	if c.project == "" || f.Project == "" {
		return ""
	}
	return filepath.Join(f.Project, filepath.FromSlash(c.project))
}

// Places are the client's files as people know them, for texts: the project's
// first, then the user's on that system.
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
