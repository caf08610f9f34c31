package connect

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/clients/clientconfig"
)

// disconnectOptions are the flags and arguments of mcpctl disconnect.
type disconnectOptions struct {
	files      clientFiles
	clients    []string // IDs
	all, local bool
	stage      string
}

// NewDisconnect returns the command mcpctl disconnect.
func NewDisconnect(env *cli.Env) *cobra.Command {
	var o disconnectOptions
	cmd := &cobra.Command{
		Use:   "disconnect [CLIENT...]",
		Short: "Remove the server from MCP clients on this machine",
		Long: `Remove the server's entry from the configuration files of MCP clients, and nothing
else. Without --name, --stage or --local, that is the entry of the deployed server
and that of the local server.`,
		Example: `  go tool mcpctl disconnect cursor
  go tool mcpctl disconnect --all --dry-run`,
		ValidArgsFunction: completeClients,
		RunE: func(_ *cobra.Command, args []string) error {
			o.clients = args
			return runDisconnect(env, o)
		},
	}
	o.files.flags(cmd)
	cmd.Flags().BoolVar(&o.all, "all", false, "remove the entry from every client, in both the user's and the project's files")
	cmd.Flags().BoolVar(&o.local, "local", false, "remove only the entry of the local server")
	cmd.Flags().StringVar(&o.stage, "stage", "", "remove only the entry of this stage")
	cmd.MarkFlagsMutuallyExclusive("name", "local", "stage")
	return cmd
}

func runDisconnect(env *cli.Env, o disconnectOptions) error {
	clients, err := findClients(o.clients)
	switch {
	case err != nil:
		return err
	case o.all == (len(o.clients) > 0):
		return errors.New("name the clients, or pass --all")
	case o.all:
		clients = clientconfig.All()
	}
	if _, err := Folders(env); err != nil {
		return err
	}
	names := namesOf(env, o)
	var problems []error
	done := 0
	for _, c := range clients {
		files, err := filesOf(env, c, o)
		problems = append(problems, err)
		for _, path := range files {
			for _, name := range names {
				changed, err := disconnectFrom(env, c, name, path, o.files.dryRun)
				problems = append(problems, err)
				if changed {
					done++
				}
			}
		}
	}
	err = errors.Join(problems...)
	switch {
	case err != nil:
	case done == 0:
		env.Note("no entry %s; nothing to do", strings.Join(names, " or "))
	case o.files.dryRun:
		env.Note("dry run: nothing was changed")
	}
	return err
}

// filesOf returns the client's file, or with --all those of its user and project files that
// it has. The error names the file that cannot be found.
func filesOf(env *cli.Env, c clientconfig.Client, o disconnectOptions) ([]string, error) {
	var all []string
	var problem error
	for _, project := range []bool{false, true} {
		if o.all && !o.files.project && !o.files.user || project == o.files.project {
			path, err := clientFile(env, c, project)
			switch {
			case errors.Is(err, errNoFile) && o.all:
			case err != nil:
				problem = err
			case !slices.Contains(all, path):
				all = append(all, path)
			}
		}
	}
	return all, problem
}

// namesOf returns the names of the entries to remove.
func namesOf(env *cli.Env, o disconnectOptions) []string {
	switch {
	case o.files.name != "":
		return []string{o.files.name}
	case o.local || o.stage != "":
		return []string{cli.EntryName(env, cli.Target{Local: o.local, StackTarget: cli.StackTarget{Stage: o.stage, Given: true}})}
	}
	return []string{
		cli.EntryName(env, cli.Target{StackTarget: cli.StackTarget{Given: true}}),
		cli.EntryName(env, cli.Target{Local: true}),
	}
}

func disconnectFrom(env *cli.Env, c clientconfig.Client, name, path string, dryRun bool) (changed bool, err error) {
	changer, err := changer(env)
	if err != nil {
		return false, err
	}
	ch, err := changer.Remove(c, name, path)
	switch {
	case err == nil && ch.Left != "":
		return false, fmt.Errorf("%s: the entry %q in %s %s", c.Name, name, tilde(env, path), ch.Left)
	case err != nil || !ch.Changed():
		return false, err
	case dryRun:
		fmt.Fprint(env.Stdout, ch.Diff())
		return true, nil
	}
	return true, apply(env, ch, "no longer has the entry "+name)
}
