package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/connect"
)

// disconnectOptions are the flags of mcpctl disconnect.
type disconnectOptions struct {
	clientFiles
	all, local bool
	stage      string
}

func newDisconnect(p *program) *cobra.Command {
	var o disconnectOptions
	cmd := &cobra.Command{
		Use:   "disconnect [CLIENT...]",
		Short: "Take the server out of MCP clients' files again",
		Long: `Take the server's entry out of MCP clients' files again, and nothing else. Without
--name, --stage or --local that is the entry of the deployed server and the one of
the local server.`,
		Example: `  go tool mcpctl disconnect cursor
  go tool mcpctl disconnect --all --dry-run`,
		ValidArgsFunction: completeClients,
		RunE: func(_ *cobra.Command, args []string) error {
			clients, err := findClients(args)
			switch {
			case err != nil:
				return err
			case o.all == (len(args) > 0):
				return errors.New("name the clients, or give --all")
			case o.all:
				clients = clientconfig.All()
			}
			return p.disconnectClients(clients, o)
		},
	}
	o.clientFiles.flags(cmd)
	cmd.Flags().BoolVar(&o.all, "all", false, "every client, and both the user's and the project's files")
	cmd.Flags().BoolVar(&o.local, "local", false, "only the entry of the local server")
	cmd.Flags().StringVar(&o.stage, "stage", "", "only the entry of this stage")
	cmd.MarkFlagsMutuallyExclusive("name", "local", "stage")
	return cmd
}

func (p *program) disconnectClients(clients []clientconfig.Client, o disconnectOptions) error {
	names := p.namesOf(o)
	var problems []error
	done := 0
	for _, c := range clients {
		for _, path := range p.filesOf(c, o) {
			for _, name := range names {
				changed, err := p.disconnectFrom(c, name, path, o.dryRun)
				problems = append(problems, err)
				if changed {
					done++
				}
			}
		}
	}
	err := errors.Join(problems...)
	switch {
	case err != nil:
	case done == 0:
		p.note("no entry %s there; nothing to do", strings.Join(names, " or "))
	case o.dryRun:
		p.note("this was a dry run: nothing was changed")
	}
	return err
}

// filesOf are the client's files: one, or with --all both.
func (p *program) filesOf(c clientconfig.Client, o disconnectOptions) []string {
	var all []string
	for _, project := range []bool{false, true} {
		if o.all && !o.project && !o.user || project == o.project {
			if path, err := p.clientFile(c, project); err == nil && !slices.Contains(all, path) {
				all = append(all, path)
			}
		}
	}
	return all
}

// namesOf are the names that the entry may have.
func (p *program) namesOf(o disconnectOptions) []string {
	switch {
	case o.name != "":
		return []string{o.name}
	case o.local || o.stage != "":
		return []string{p.ownName(target{local: o.local, stackTarget: stackTarget{stage: o.stage, given: true}})}
	}
	return []string{
		p.ownName(target{stackTarget: stackTarget{given: true}}),
		p.ownName(target{local: true}),
	}
}

func (p *program) disconnectFrom(c clientconfig.Client, name, path string, dryRun bool) (changed bool, err error) {
	ch, err := connect.Remove(c, name, path)
	switch {
	case err != nil || !ch.Changed():
		return false, err
	case dryRun:
		fmt.Fprint(p.stdout, ch.Diff())
		return true, nil
	}
	return true, p.apply(ch, "has no entry "+name+" any more")
}
