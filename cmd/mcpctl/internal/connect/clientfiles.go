package connect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/connect"
)

// clientFiles are the flags that select an entry and the configuration files.
type clientFiles struct {
	name          string // of the entry; empty means the server's name
	project, user bool
	dryRun        bool
}

func (o *clientFiles) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.name, "name", "", "name of the entry (default: SERVER_NAME and stage of the settings, or the server's name)")
	f.BoolVar(&o.project, "project", false, "use the clients' files in the project of the current folder")
	f.BoolVar(&o.user, "user", false, "use the clients' files of the user, which apply to all projects (default)")
	f.BoolVar(&o.dryRun, "dry-run", false, "show the changes without making them")
	cmd.MarkFlagsMutuallyExclusive("project", "user")
}

// Folders returns the folders with the clients' files of this user and project.
func Folders(env *cli.Env) (clientconfig.Folders, error) {
	f := clientconfig.Folders{GOOS: runtime.GOOS, Home: env.Getenv("HOME"), Getenv: env.Getenv, Stat: os.Stat}
	switch runtime.GOOS {
	case "windows":
		f.Home, f.Config = env.Getenv("USERPROFILE"), env.Getenv("APPDATA")
	case "darwin":
		f.Config = filepath.Join(f.Home, "Library", "Application Support")
	default:
		f.Config = filepath.Join(f.Home, ".config") // clients read XDG_CONFIG_HOME in different ways
	}
	if f.Home == "" || f.Config == "" {
		return clientconfig.Folders{}, errors.New("find the clients' files: no home folder is set in the environment")
	}
	if !filepath.IsAbs(f.Home) {
		return clientconfig.Folders{}, fmt.Errorf("find the clients' files: the home folder in the environment, %q, is not an absolute path", f.Home)
	}
	dir, err := filepath.Abs(env.Dir)
	if err != nil {
		return clientconfig.Folders{}, fmt.Errorf("find the project: %w", err)
	}
	if f.Project = connect.WorkTree(dir); f.Project == "" {
		f.Project = dir
	}
	return f, nil
}

// changer returns an editor of the clients' files.
func changer(env *cli.Env) (connect.Files, error) {
	state, err := state(env)
	if err != nil {
		return connect.Files{}, err
	}
	return connect.Files{State: state, Repositories: Repositories(env)}, nil
}

// Repositories finds the repositories that track this user's files.
func Repositories(env *cli.Env) connect.Repositories {
	f, _ := Folders(env) // without a home folder, only the folders above a file are searched
	return connect.Repositories{
		Home: f.Home, Config: absolute(env.Getenv("XDG_CONFIG_HOME")), Data: absolute(env.Getenv("XDG_DATA_HOME")),
		Getenv: env.Getenv, Run: Machine(env).Run,
	}
}

// absolute returns path if it is absolute, and otherwise "", as the XDG specification
// requires.
func absolute(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return ""
}

// Machine returns this machine, with functions that read variables and run programs.
func Machine(env *cli.Env) connect.Machine {
	return connect.Machine{GOOS: runtime.GOOS, Getenv: env.Getenv, Run: func(ctx context.Context, name string, args ...string) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		cmd := exec.CommandContext(ctx, name, args...)
		cmd.WaitDelay = time.Second // for child processes that keep the output open
		out, err := cmd.Output()
		return string(out), err
	}}
}

// state returns mcpctl's own folder, below the user's state folder.
func state(env *cli.Env) (string, error) {
	f, err := Folders(env)
	if err != nil {
		return "", err
	}
	state := f.Config
	switch runtime.GOOS {
	case "windows":
		state = cmp.Or(env.Getenv("LOCALAPPDATA"), f.Config)
	case "darwin":
	default:
		if state = env.Getenv("XDG_STATE_HOME"); !filepath.IsAbs(state) {
			state = filepath.Join(f.Home, ".local", "state")
		}
	}
	return filepath.Join(state, "mcpctl"), nil
}

// errNoFile means that a client has no file of the user or, with --project, of the project.
var errNoFile = errors.New("has no such file here")

// clientFile returns the path of the file from which a client reads its servers, or
// [errNoFile].
func clientFile(env *cli.Env, c clientconfig.Client, project bool) (string, error) {
	f, err := Folders(env)
	if err != nil {
		return "", err
	}
	path := c.ProjectFile(f)
	if !project {
		if err := c.Misplaced(f); err != nil {
			return "", err
		}
		path = c.UserFile(f)
	}
	if path == "" {
		return "", fmt.Errorf("%s %w, only %s", c.Name, errNoFile, strings.Join(c.Places(runtime.GOOS), ", "))
	}
	return path, nil
}

// showChanges prints the differences.
func showChanges(env *cli.Env, changes []connect.Change) error {
	for _, ch := range changes {
		if !ch.Changed() {
			fmt.Fprintf(env.Stdout, "%s: no change in %s\n", ch.Client.Name, tilde(env, ch.File.Path))
			continue
		}
		fmt.Fprint(env.Stdout, ch.Diff())
	}
	env.Note("dry run: nothing was changed")
	return nil
}

// tilde abbreviates the home folder in a path to ~.
func tilde(env *cli.Env, path string) string {
	f, err := Folders(env)
	if err != nil {
		return path
	}
	rel, err := filepath.Rel(f.Home, path)
	if err != nil || !fs.ValidPath(filepath.ToSlash(rel)) {
		return path
	}
	return "~" + string(os.PathSeparator) + rel
}
