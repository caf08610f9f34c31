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
	"slices"
	"strings"
	"text/tabwriter"
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

// chooseClients returns the clients that the user named, with --all-found those that are
// found, and otherwise asks.
func chooseClients(ctx context.Context, env *cli.Env, o connectOptions) ([]clientconfig.Client, error) {
	if len(o.clients) > 0 {
		if o.allFound {
			return nil, errors.New("name clients or pass --all-found, not both")
		}
		return installedVersions(ctx, env, o.clients)
	}
	f, err := Folders(env)
	if err != nil {
		return nil, err
	}
	found := connect.Found(ctx, f, exec.LookPath, Machine(env).Run)
	if o.allFound {
		var all []clientconfig.Client
		for _, one := range found {
			all = append(all, one.Client)
		}
		return all, nil
	}
	return askForClients(ctx, env, found)
}

// installedVersions is like findClients, except that opencode means the installed
// version: opencode 1 and 2 have different file formats.
func installedVersions(ctx context.Context, env *cli.Env, names []string) ([]clientconfig.Client, error) {
	clients, err := findClients(names)
	if err != nil || !slices.Contains(names, "opencode") || connect.OpencodeVersion(ctx, Machine(env).Run) < 2 {
		return clients, err
	}
	env.Note("opencode 2 is installed here: the entry is in its format")
	for i, c := range clients {
		if newer, ok := clientconfig.Find("opencode-2"); ok && c.ID == "opencode" {
			clients[i] = newer
		}
	}
	return clients, nil
}

// listClients prints all clients with their files, and the hosted ones.
func listClients(env *cli.Env) error {
	w := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
	for _, c := range clientconfig.All() {
		fmt.Fprintf(w, "%s\t%s\t%s\n", c.ID, c.Name, strings.Join(c.Places(runtime.GOOS), ", "))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(env.Stdout, "\n"+signinSummary(clientconfig.All()))
	fmt.Fprintln(env.Stdout, "\nHosted, not connected from here:")
	for _, h := range clientconfig.Hosted() {
		fmt.Fprintf(env.Stdout, "%s: %s\n", h.Name, h.Support)
		for _, step := range h.Steps {
			fmt.Fprintf(env.Stdout, "  %s\n", step)
		}
	}
	return nil
}

// signinSummary returns a sentence about which clients can sign in.
func signinSummary(clients []clientconfig.Client) string {
	var cannot []string
	for _, c := range clients {
		if !c.SignsIn() {
			cannot = append(cannot, c.ID)
		}
	}
	if cannot == nil {
		return "All of them take a key, and all can sign in (--signin)."
	}
	return "All of them take a key, and all except " + strings.Join(cannot, " and ") + " can sign in (--signin)."
}

func findClients(names []string) ([]clientconfig.Client, error) {
	var all []clientconfig.Client
	for _, name := range names {
		c, ok := clientconfig.Find(name)
		if !ok {
			return nil, fmt.Errorf("unknown client %q; known are %s", name, strings.Join(clientIDs(), ", "))
		}
		if !slices.ContainsFunc(all, func(other clientconfig.Client) bool { return other.ID == name }) {
			all = append(all, c)
		}
	}
	return all, nil
}

// askForClients lists the clients that are found and asks which to connect. It
// returns an error if standard input is no terminal.
func askForClients(ctx context.Context, env *cli.Env, found []connect.Finding) ([]clientconfig.Client, error) {
	w := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
	for _, one := range found {
		fmt.Fprintf(w, "%s\t%s\t%s\n", one.Client.ID, one.Client.Name, tilde(env, one.By))
	}
	if err := w.Flush(); err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no client found on this machine; known are %s", strings.Join(clientIDs(), ", "))
	}
	if !cli.IsTerminal(env.Stdin) {
		return nil, errors.New("name one or several clients, or pass --all-found")
	}
	fmt.Fprint(env.Stderr, "Which ones? (names separated by blanks; empty for none) ")
	line, err := env.ReadLine(ctx) // end of input means none
	if err != nil {
		return nil, err
	}
	names := strings.Fields(strings.ReplaceAll(line, ",", " "))
	if len(names) == 0 {
		return nil, cli.ErrNotConfirmed
	}
	return findClients(names)
}

func clientIDs() []string {
	var ids []string
	for _, c := range clientconfig.All() {
		ids = append(ids, c.ID)
	}
	return ids
}

func completeClients(_ *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	var offers []string
	for _, c := range clientconfig.All() {
		offers = append(offers, cobra.CompletionWithDesc(c.ID, c.Name))
	}
	return offers, cobra.ShellCompDirectiveNoFileComp
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
