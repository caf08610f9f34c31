package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/connect"
)

// connectOptions are the flags of mcpctl connect.
type connectOptions struct {
	target
	clientFiles
	replace, keyInFile bool
}

func newConnect(p *program) *cobra.Command {
	var o connectOptions
	cmd := &cobra.Command{
		Use:   "connect [CLIENT...]",
		Short: "Tell MCP clients on this machine about the server",
		Long: `Tell MCP clients on this machine about the server: adds an entry to each client's
own configuration file and leaves everything else in there as it is. The key stays
out of the file: the entry names a variable, and what sets that is told. Without a
client, lists those found here and asks.`,
		Example: `  go tool mcpctl connect cursor
  go tool mcpctl connect claude-code --project --dry-run
  go tool mcpctl connect --all-found --url https://example.com/mcp --name example`,
		ValidArgsFunction: completeClients,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			clients, err := p.chooseClients(args, o.clientFiles)
			if err != nil {
				return err
			}
			return p.connectClients(cmd.Context(), clients, o)
		},
	}
	f := cmd.Flags()
	o.clientFiles.flags(cmd)
	f.BoolVar(&o.allFound, "all-found", false, "all clients that are found here")
	f.BoolVar(&o.replace, "replace", false, "take the place of an entry of that name for another server")
	f.BoolVar(&o.keyInFile, "key-in-file", false, "write the key itself, into the user's file only, never inside a git work tree")
	o.target.flags(cmd)
	return cmd
}

// check refuses flags that contradict each other.
func (o connectOptions) check() error {
	if o.keyInFile && o.project {
		return errors.New("--key-in-file is for the user's file; a project's file is there to be shared")
	}
	return nil
}

// connectClients prepares every change before it makes the first.
func (p *program) connectClients(ctx context.Context, clients []clientconfig.Client, o connectOptions) error {
	srv, err := p.server(ctx, o.target)
	if err != nil {
		return err
	}
	if srv.What != srv.URL {
		p.note("%s, %s", srv.What, srv.URL)
	}
	proof := p.prove(ctx, srv)
	entry := clientconfig.Server{URL: srv.URL}
	if entry.Name, err = p.entryName(o, proof); err != nil {
		return err
	}
	if o.keyInFile {
		if srv.Key == "" {
			return fmt.Errorf("write the key into the file: %w", errNoKey)
		}
		entry.Key = srv.Key
	}
	changes, err := p.plan(clients, entry, o)
	if err != nil {
		return err
	}
	if o.dryRun {
		return p.showChanges(changes)
	}
	for _, ch := range changes {
		if err := p.apply(ch, "has the entry "+entry.Name); err != nil {
			return err
		}
	}
	p.report(ctx, changes, entry, srv, proof)
	if proof.err != nil {
		return errors.New("the entry is written, but the endpoint does not work with the key")
	}
	return nil
}

// plan prepares the changes. What cannot be done for a client that was only
// found, and not named, is told and left out.
func (p *program) plan(clients []clientconfig.Client, entry clientconfig.Server, o connectOptions) ([]connect.Change, error) {
	var changes []connect.Change
	var problems []error
	for _, c := range clients {
		ch, err := p.planOne(c, entry, o)
		switch {
		case err == nil:
			changes = append(changes, ch)
		case o.allFound:
			p.note("left out: %v", err)
		default:
			problems = append(problems, err)
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	if len(changes) == 0 {
		return nil, errors.New("there is no client to connect")
	}
	return changes, nil
}

func (p *program) planOne(c clientconfig.Client, entry clientconfig.Server, o connectOptions) (connect.Change, error) {
	path, err := p.clientFile(c, o.project)
	if err != nil {
		return connect.Change{}, err
	}
	if entry.Key == "" && !c.HidesKey() {
		instead := "add --key-in-file"
		if o.project {
			instead = "give --key-in-file instead of --project, as a project's file is there to be shared"
		}
		return connect.Change{}, fmt.Errorf("%s cannot take the key from a variable, it has to stand in its file: %s", c.Name, instead)
	}
	if tree := connect.WorkTree(path); entry.Key != "" && tree != "" {
		return connect.Change{}, fmt.Errorf("%s: %s is inside the git work tree %s, where a key would sooner or later be committed: leave out --key-in-file", c.Name, path, tree)
	}
	ch, err := connect.Add(c, entry, path, o.replace)
	var other *connect.OtherServerError
	if errors.As(err, &other) {
		return connect.Change{}, fmt.Errorf("%w: give --replace to take its place, or another --name", err)
	}
	return ch, err
}

// apply makes a change and says so.
func (p *program) apply(ch connect.Change, done string) error {
	closed := ch.Secret && ch.File.Shared() // to others
	if !ch.Changed() && !closed {
		fmt.Fprintf(p.stdout, "%s %s already: %s\n", ch.Client.Name, done, p.tilde(ch.File.Path))
		return nil
	}
	backups, err := p.backups()
	if err != nil {
		return err
	}
	backup, err := ch.Write(backups)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%s %s: %s\n", ch.Client.Name, done, p.tilde(ch.File.Path))
	if backup != "" {
		fmt.Fprintf(p.stdout, "  as it was before: %s\n", p.tilde(backup))
	}
	if closed {
		fmt.Fprintf(p.stdout, "  only you can read the file now (0600), as the key stands in it\n")
	}
	return nil
}

// report says what is proven: that the endpoint and the key work, and, for each
// client, whether it will see the key, or else what to do.
func (p *program) report(ctx context.Context, changes []connect.Change, entry clientconfig.Server, srv server, proof proof) {
	fmt.Fprintf(p.stdout, "\n%s\n", proof)
	m := connect.Machine{GOOS: runtime.GOOS, Getenv: p.getenv, Run: func(ctx context.Context, name string, args ...string) (string, error) {
		out, err := exec.CommandContext(ctx, name, args...).Output()
		return string(out), err
	}}
	tried := srv.Key
	if proof.err != nil || !proof.tried {
		tried = ""
	}
	var told []string
	for _, ch := range changes {
		e := m.Evidence(ctx, ch.Client, entry, tried)
		mark := "ok     "
		if !e.Sees {
			mark = "to do  "
		}
		fmt.Fprintf(p.stdout, "%s%s will see the key: %s\n", mark, ch.Client.Name, e.How)
		var advice []string
		if !e.Sees && !e.Set {
			advice = append(advice, connect.Advice(ch.Client, entry, runtime.GOOS, srv.KeyFile))
		}
		if ch.Client.Caveat != "" {
			advice = append(advice, "Good to know: "+ch.Client.Caveat)
		}
		for _, text := range advice {
			if slices.Contains(told, text) {
				continue
			}
			told = append(told, text)
			fmt.Fprintf(p.stdout, "       %s\n", strings.ReplaceAll(text, "\n", "\n       "))
		}
	}
}
