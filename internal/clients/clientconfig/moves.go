package clientconfig

import (
	"fmt"
	"path/filepath"
	"strings"
)

// A move is a variable that moves a client's file. The client uses its value unchanged,
// unless one of the switches below is set.
//
// How each client reads its variable was observed in the system calls of the pinned
// programs (see package realclients), or read in its source; see TestMovedFolders.
type move struct {
	variable string
	below    string // the file's path in the variable's folder; empty: the variable is the file
	goos     string // the only system on which the client reads it; "unix": all except Windows; empty: all

	trims        bool // blanks around the value are removed, and a blank value counts as unset
	expandsTilde bool // ~ and ~/… are the home folder; no client expands ~user
	onlyAbsolute bool // a relative value is ignored, as the XDG specification requires
	mustExist    bool // the client does not start unless the folder exists; see [Client.Missing]
}

// Moves of several clients.
var (
	// nodeXDG is how clients written for Node.js read XDG_CONFIG_HOME: they use the value
	// unchanged (npm xdg-basedir).
	nodeXDG = func(below string) move { return move{variable: "XDG_CONFIG_HOME", below: below} }
	// desktopXDG is the same for programs made with Electron, which read it on Linux
	// only (base/nix/xdg_util.cc of Chromium).
	desktopXDG = func(below string) move { return move{variable: "XDG_CONFIG_HOME", below: below, goos: "linux"} }
)

// A MovedError reports that a variable moves a client's file to a path that is unknown, or
// that the client cannot use.
type MovedError struct {
	Client   string // the client's name
	Variable string
	Value    string
	What     string // what is wrong, as the end of a sentence that begins with the variable and its value
	Do       string // what corrects it
}

// Error implements error.
func (e *MovedError) Error() string {
	return fmt.Sprintf("%s: %s is %q, %s: %s", e.Client, e.Variable, e.Value, e.What, e.Do)
}

// applies reports whether the client reads the variable on the system.
func (m move) applies(goos string) bool {
	return m.goos == "" || m.goos == goos || m.goos == "unix" && goos != "windows"
}

// read returns the folder or file that the variable names, "" if the client ignores the
// variable, or an error if the path cannot be used.
func (m move) read(client string, f Folders) (string, error) {
	value := f.Env(m.variable)
	if m.trims {
		value = strings.TrimSpace(value)
	}
	if value == "" || !m.applies(f.GOOS) {
		return "", nil
	}
	problem := func(what, do string) (string, error) {
		return "", &MovedError{Client: client, Variable: m.variable, Value: value, What: what, Do: do}
	}
	if rest, ok := strings.CutPrefix(value, "~"); ok && m.expandsTilde && (rest == "" || rest[0] == '/' || rest[0] == filepath.Separator) {
		value = filepath.Join(f.Home, rest)
	}
	const absolute = "set it to an absolute path, or unset it"
	switch {
	case filepath.IsAbs(value):
	case m.onlyAbsolute:
		return "", nil
	case strings.HasPrefix(value, "~"):
		return problem("and "+client+" does not expand the ~ in it", absolute)
	default:
		return problem("a relative path, which "+client+" resolves in the folder that it is started in", absolute)
	}
	if isFolder, exists := f.folder(value); m.below != "" && exists && !isFolder {
		return problem("which is not a folder, so "+client+" cannot use it", "correct it, or unset it")
	}
	return value, nil
}

// moved returns the path to which a variable moves the client's file, "" if none does.
func (c Client) moved(f Folders) (string, error) {
	for _, m := range c.moves {
		if place, err := m.read(c.Name, f); place != "" || err != nil {
			return filepath.Join(place, filepath.FromSlash(m.below)), err
		}
	}
	return "", nil
}

// Missing returns a [*MovedError] if a variable names a folder that does not exist, and
// the client does not start without it.
func (c Client) Missing(f Folders) error {
	for _, m := range c.moves {
		place, err := m.read(c.Name, f)
		if _, exists := f.folder(place); place != "" && err == nil && m.mustExist && !exists {
			return &MovedError{
				Client: c.Name, Variable: m.variable, Value: f.Env(m.variable),
				What: "which does not exist, so " + c.Name + " does not start", Do: "create the folder, or unset it",
			}
		}
	}
	return nil
}

// Misplaced returns a [*MovedError] if a variable moves the client's file for all
// projects to a path that is unknown, or that the client cannot use.
func (c Client) Misplaced(f Folders) error {
	_, err := c.moved(f)
	return err
}
