package connect

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/connect"
)

// connectOptions are the flags and arguments of mcpctl connect.
type connectOptions struct {
	target  cli.Target
	files   clientFiles
	clients []string // IDs; none means to list those found and ask

	allFound, replace, keyInFile bool
}

// NewConnect returns the command mcpctl connect.
func NewConnect(env *cli.Env) *cobra.Command {
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
			o.clients = args
			return runConnect(cmd.Context(), env, o)
		},
	}
	f := cmd.Flags()
	o.files.flags(cmd)
	f.BoolVar(&o.allFound, "all-found", false, "all clients that are found here")
	f.BoolVar(&o.replace, "replace", false, "take the place of an entry of that name for another server")
	f.BoolVar(&o.keyInFile, "key-in-file", false, "write the key itself, into the user's file only, never inside a git work tree")
	o.target.Flags(cmd)
	return cmd
}

// check rejects flags that contradict each other.
func (o connectOptions) check() error {
	if o.keyInFile && o.files.project {
		return errors.New("--key-in-file is for the user's file; a project's file is there to be shared")
	}
	return nil
}

// runConnect prepares every change before it makes the first.
func runConnect(ctx context.Context, env *cli.Env, o connectOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	clients, err := chooseClients(env, o)
	if err != nil {
		return err
	}
	srv, err := o.target.Find(ctx, env)
	if err != nil {
		return err
	}
	if srv.What != srv.URL {
		env.Note("%s, %s", srv.What, srv.URL)
	}
	v := verify(ctx, srv)
	entry := clientconfig.Server{URL: srv.URL}
	if entry.Name, err = entryName(env, o, v); err != nil {
		return err
	}
	if o.keyInFile {
		if srv.Key == "" {
			return fmt.Errorf("write the key into the file: %w", cli.ErrNoKey)
		}
		entry.Key = srv.Key
	}
	changes, err := prepare(env, clients, entry, o)
	if err != nil {
		return err
	}
	if o.files.dryRun {
		return showChanges(env, changes)
	}
	for _, ch := range changes {
		if err := apply(env, ch, "has the entry "+entry.Name); err != nil {
			return err
		}
	}
	report(ctx, env, changes, entry, srv, v)
	if v.err != nil {
		return errors.New("the entry is written, but the endpoint does not work with the key")
	}
	return nil
}

// prepare returns the changes. With --all-found it prints what cannot be done
// and goes on; for a client that the user named, that is an error.
func prepare(env *cli.Env, clients []clientconfig.Client, entry clientconfig.Server, o connectOptions) ([]connect.Change, error) {
	var changes []connect.Change
	var problems []error
	for _, c := range clients {
		ch, err := prepareOne(env, c, entry, o)
		switch {
		case err == nil:
			changes = append(changes, ch)
		case o.allFound:
			env.Note("left out: %v", err)
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

func prepareOne(env *cli.Env, c clientconfig.Client, entry clientconfig.Server, o connectOptions) (connect.Change, error) {
	path, err := clientFile(env, c, o.files.project)
	if err != nil {
		return connect.Change{}, err
	}
	if entry.Key == "" && !c.HidesKey() {
		instead := "add --key-in-file"
		if o.files.project {
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

// apply makes a change and prints it.
func apply(env *cli.Env, ch connect.Change, done string) error {
	closed := ch.Secret && ch.File.Shared() // to others
	if !ch.Changed() && !closed {
		fmt.Fprintf(env.Stdout, "%s %s already: %s\n", ch.Client.Name, done, tilde(env, ch.File.Path))
		return nil
	}
	backups, err := backups(env)
	if err != nil {
		return err
	}
	backup, err := ch.Write(backups)
	if err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, "%s %s: %s\n", ch.Client.Name, done, tilde(env, ch.File.Path))
	if backup != "" {
		fmt.Fprintf(env.Stdout, "  as it was before: %s\n", tilde(env, backup))
	}
	if closed {
		fmt.Fprintf(env.Stdout, "  only you can read the file now (0600), as the key stands in it\n")
	}
	return nil
}

// report prints whether the endpoint accepts the key and, for each client,
// whether the client will see the key or what the user has to do.
func report(ctx context.Context, env *cli.Env, changes []connect.Change, entry clientconfig.Server, srv cli.Server, v verification) {
	fmt.Fprintf(env.Stdout, "\n%s\n", v)
	m := connect.Machine{GOOS: runtime.GOOS, Getenv: env.Getenv, Run: func(ctx context.Context, name string, args ...string) (string, error) {
		out, err := exec.CommandContext(ctx, name, args...).Output()
		return string(out), err
	}}
	working := ""
	if v.tried && v.err == nil {
		working = srv.Key
	}
	var printed []string
	for _, ch := range changes {
		e := m.Evidence(ctx, ch.Client, entry, working)
		mark := "ok     "
		if !e.Sees {
			mark = "to do  "
		}
		fmt.Fprintf(env.Stdout, "%s%s will see the key: %s\n", mark, ch.Client.Name, e.How)
		var advice []string
		if !e.Sees && !e.Set {
			advice = append(advice, connect.Advice(ch.Client, entry, runtime.GOOS, srv.KeyFile))
		}
		if ch.Client.Caveat != "" {
			advice = append(advice, "Good to know: "+ch.Client.Caveat)
		}
		for _, text := range advice {
			if slices.Contains(printed, text) {
				continue
			}
			printed = append(printed, text)
			fmt.Fprintf(env.Stdout, "       %s\n", strings.ReplaceAll(text, "\n", "\n       "))
		}
	}
}
