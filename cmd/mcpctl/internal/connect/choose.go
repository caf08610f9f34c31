package connect

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/connect"
)

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
