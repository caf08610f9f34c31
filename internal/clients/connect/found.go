package connect

import (
	"os"
	"path/filepath"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/configfile"
)

// A Finding is a client that seems to be in use on this machine.
type Finding struct {
	Client clientconfig.Client
	By     string // the file, folder or program that was found
}

// Found looks for clients: by their files, by the folders that these are in,
// and by their programs. lookPath is exec.LookPath.
func Found(f clientconfig.Folders, lookPath func(string) (string, error)) []Finding {
	var all []Finding
	for _, c := range clientconfig.All() {
		if by := sign(c, f, lookPath); by != "" && isVersionInUse(c, f) {
			all = append(all, Finding{c, by})
		}
	}
	return all
}

func sign(c clientconfig.Client, f clientconfig.Folders, lookPath func(string) (string, error)) string {
	if file := c.UserFile(f); file != "" {
		folder := filepath.Dir(file)
		switch {
		case exists(file):
			return file
		case folder != filepath.Clean(f.Home) && exists(folder):
			return folder
		}
	}
	if c.Program == "" {
		return ""
	}
	path, err := lookPath(c.Program)
	if err != nil {
		return ""
	}
	return path
}

// isVersionInUse distinguishes the two versions of opencode, which share a file:
// the newer one has its servers a level deeper.
func isVersionInUse(c clientconfig.Client, f clientconfig.Folders) bool {
	if c.ID != "opencode" && c.ID != "opencode-2" {
		return true
	}
	newer := false
	if file, err := configfile.Open(c.UserFile(f)); err == nil {
		_, newer, _ = configfile.Get(c.Format, file.Text, []string{"mcp", "servers"})
	}
	return newer == (c.ID == "opencode-2")
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
