package main

import (
	"bufio"
	"cmp"
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

	"github.com/spf13/cobra"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/connect"
)

// clientFiles say which clients' files a command is about.
type clientFiles struct {
	name          string // of the entry; empty: as the server is called
	project, user bool
	allFound      bool
	dryRun        bool
}

func (o *clientFiles) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.name, "name", "", "name of the entry (default: SERVER_NAME and stage of the settings, or what the server says)")
	f.BoolVar(&o.project, "project", false, "the clients' files in the project of the current folder")
	f.BoolVar(&o.user, "user", false, "the clients' files of the user, which count in all projects (default)")
	f.BoolVar(&o.dryRun, "dry-run", false, "show what would be changed, and change nothing")
	cmd.MarkFlagsMutuallyExclusive("project", "user")
}

// folders are where the clients' files of this user and project are.
func (p *program) folders() (clientconfig.Folders, error) {
	f := clientconfig.Folders{GOOS: runtime.GOOS, Home: p.getenv("HOME")}
	switch runtime.GOOS {
	case "windows":
		f.Home, f.Config = p.getenv("USERPROFILE"), p.getenv("APPDATA")
	case "darwin":
		f.Config = filepath.Join(f.Home, "Library", "Application Support")
	default:
		if f.Config = p.getenv("XDG_CONFIG_HOME"); f.Config == "" {
			f.Config = filepath.Join(f.Home, ".config")
		}
	}
	if f.Home == "" || f.Config == "" {
		return clientconfig.Folders{}, errors.New("find the clients' files: the environment names no home folder")
	}
	dir, err := filepath.Abs(p.dir)
	if err != nil {
		return clientconfig.Folders{}, fmt.Errorf("find the project: %w", err)
	}
	if f.Project = connect.WorkTree(dir); f.Project == "" {
		f.Project = dir
	}
	return f, nil
}

// backups is the folder for copies of files that are in git work trees: where
// programs of this user keep what is no setting.
func (p *program) backups() (string, error) {
	f, err := p.folders()
	if err != nil {
		return "", err
	}
	state := f.Config
	switch runtime.GOOS {
	case "windows":
		state = cmp.Or(p.getenv("LOCALAPPDATA"), f.Config)
	case "darwin":
	default:
		if state = p.getenv("XDG_STATE_HOME"); !filepath.IsAbs(state) {
			state = filepath.Join(f.Home, ".local", "state")
		}
	}
	return filepath.Join(state, "mcpctl"), nil
}

// clientFile is the file in which a client looks for servers.
func (p *program) clientFile(c clientconfig.Client, project bool) (string, error) {
	f, err := p.folders()
	if err != nil {
		return "", err
	}
	path := c.UserFile(f)
	if project {
		path = c.ProjectFile(f)
	}
	if path == "" {
		return "", fmt.Errorf("%s has no file of that kind here: %s", c.Name, strings.Join(c.Places(runtime.GOOS), ", "))
	}
	return path, nil
}

// chooseClients finds the clients that were named, or all that are there, or
// asks.
func (p *program) chooseClients(names []string, o clientFiles) ([]clientconfig.Client, error) {
	if len(names) > 0 {
		if o.allFound {
			return nil, errors.New("name clients, or give --all-found: not both")
		}
		return findClients(names)
	}
	f, err := p.folders()
	if err != nil {
		return nil, err
	}
	found := connect.Found(f, exec.LookPath)
	if o.allFound {
		var all []clientconfig.Client
		for _, one := range found {
			all = append(all, one.Client)
		}
		return all, nil
	}
	return p.askForClients(found)
}

func findClients(names []string) ([]clientconfig.Client, error) {
	var all []clientconfig.Client
	for _, name := range names {
		c, ok := clientconfig.Find(name)
		if !ok {
			return nil, fmt.Errorf("no client %q is known; there are %s", name, strings.Join(clientIDs(), ", "))
		}
		if !slices.ContainsFunc(all, func(other clientconfig.Client) bool { return other.ID == name }) {
			all = append(all, c)
		}
	}
	return all, nil
}

// askForClients lists what is here. Where nobody can answer, that is all.
func (p *program) askForClients(found []connect.Finding) ([]clientconfig.Client, error) {
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	for _, one := range found {
		fmt.Fprintf(w, "%s\t%s\t%s\n", one.Client.ID, one.Client.Name, p.tilde(one.By))
	}
	if err := w.Flush(); err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no client is found here; known are %s", strings.Join(clientIDs(), ", "))
	}
	if !isTerminal(p.stdin) {
		return nil, errors.New("which client? name one or several, or give --all-found")
	}
	fmt.Fprint(p.stderr, "Which? (names with blanks between them, nothing for none) ")
	line, _ := bufio.NewReader(p.stdin).ReadString('\n') // its end is a no
	names := strings.Fields(strings.ReplaceAll(line, ",", " "))
	if len(names) == 0 {
		return nil, errNotConfirmed
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
func (p *program) showChanges(changes []connect.Change) error {
	for _, ch := range changes {
		if !ch.Changed() {
			fmt.Fprintf(p.stdout, "%s: nothing to change in %s\n", ch.Client.Name, p.tilde(ch.File.Path))
			continue
		}
		fmt.Fprint(p.stdout, ch.Diff())
	}
	p.note("this was a dry run: nothing was changed")
	return nil
}

// tilde shortens a path below the home folder, for people.
func (p *program) tilde(path string) string {
	f, err := p.folders()
	if err != nil {
		return path
	}
	rel, err := filepath.Rel(f.Home, path)
	if err != nil || !fs.ValidPath(filepath.ToSlash(rel)) {
		return path
	}
	return "~" + string(os.PathSeparator) + rel
}
