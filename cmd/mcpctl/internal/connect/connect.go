// Package connect has the commands that write the server into the configuration
// files of MCP clients on this machine, and remove it: connect and disconnect.
package connect

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/connect"
	"serverless-mcp/internal/clients/printable"
)

// connectOptions are the flags and arguments of mcpctl connect.
type connectOptions struct {
	target  cli.Target
	files   clientFiles
	clients []string // IDs; none means to list those found and ask

	allFound, list, replace, keyInFile, signin bool
}

// NewConnect returns the command mcpctl connect.
func NewConnect(env *cli.Env) *cobra.Command {
	var o connectOptions
	cmd := &cobra.Command{
		Use:   "connect [CLIENT...]",
		Short: "Add the server to MCP clients on this machine",
		Long: `Add the server to MCP clients on this machine: an entry in each client's own
configuration file, which is otherwise left unchanged. The entry references an
environment variable instead of containing the key; the command prints how to set
it. Without a client, the command lists those found on this machine and asks.

With --signin the entry has no key and points to the endpoint for sign-in: the client
opens a browser, in which you sign in.`,
		Example: `  go tool mcpctl connect cursor
  go tool mcpctl connect claude-code --project --dry-run
  go tool mcpctl connect codex --signin
  go tool mcpctl connect --list
  go tool mcpctl connect --all-found --url https://example.com/mcp --name example`,
		ValidArgsFunction: completeClients,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.clients = args
			return runConnect(cmd.Context(), env, o)
		},
	}
	f := cmd.Flags()
	o.files.flags(cmd)
	f.BoolVar(&o.allFound, "all-found", false, "connect all clients that are found on this machine")
	f.BoolVar(&o.list, "list", false, "list all known clients, and services that cannot be connected from here")
	f.BoolVar(&o.replace, "replace", false, "replace an entry with the same name that is for another server or of another kind")
	f.BoolVar(&o.keyInFile, "key-in-file", false, "write the key itself, only to the user's file; refused in the repositories that mcpctl recognizes")
	f.BoolVar(&o.signin, "signin", false, "connect to the endpoint for sign-in, without a key")
	o.target.Flags(cmd)
	return cmd
}

// check rejects flags that contradict each other.
func (o connectOptions) check() error {
	if o.keyInFile && o.files.project {
		return errors.New("--key-in-file is for the user's file; a project's file is shared with others")
	}
	if o.keyInFile && o.signin {
		return errors.New("pass --signin or --key-in-file, not both: an entry for sign-in has no key")
	}
	return nil
}

// runConnect prepares every change before it makes the first.
func runConnect(ctx context.Context, env *cli.Env, o connectOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	if o.list {
		return listClients(env)
	}
	clients, err := chooseClients(ctx, env, o)
	if err != nil {
		return err
	}
	if o.signin = o.signin || o.target.Endpoint == "signin"; o.signin {
		o.target.Signin = true
	}
	srv, err := o.target.Find(ctx, env)
	if err != nil {
		return err
	}
	if srv.ForSignin() && !o.signin {
		return fmt.Errorf("%s is an endpoint for sign-in: pass --signin", srv.URL)
	}
	env.Note("%s", srv)
	v := verify(ctx, srv, o.signin)
	entry := clientconfig.Server{URL: srv.URL, Signin: o.signin}
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
	switch {
	case v.err != nil && o.signin:
		return errors.New("the entry is written, but clients cannot sign in at the endpoint")
	case v.err != nil:
		return errors.New("the entry is written, but the endpoint does not accept the key")
	}
	return nil
}

// prepare returns the changes. With --all-found it prints which changes are not possible
// and continues; for a client that the user named, that is an error.
func prepare(env *cli.Env, clients []clientconfig.Client, entry clientconfig.Server, o connectOptions) ([]connect.Change, error) {
	var changes []connect.Change
	var problems []error
	for _, c := range clients {
		ch, err := prepareOne(env, c, entry, o)
		switch {
		case err == nil:
			changes = append(changes, ch)
		case o.allFound:
			env.Note("skipped: %v", err)
		default:
			problems = append(problems, err)
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	if len(changes) == 0 {
		return nil, errors.New("no client to connect")
	}
	return changes, nil
}

func prepareOne(env *cli.Env, c clientconfig.Client, entry clientconfig.Server, o connectOptions) (connect.Change, error) {
	if entry.Signin && !c.SignsIn() {
		return connect.Change{}, fmt.Errorf("%s cannot sign in at an HTTP server: connect it with a key, without --signin", c.Name)
	}
	path, err := clientFile(env, c, o.files.project)
	if err != nil {
		return connect.Change{}, err
	}
	if entry.Key == "" && !entry.Signin && !c.HidesKey() {
		instead := "pass --key-in-file"
		if o.files.project {
			instead = "pass --key-in-file instead of --project, because a project's file is shared with others"
		}
		return connect.Change{}, fmt.Errorf("%s cannot read the key from a variable, only from its file: %s", c.Name, instead)
	}
	changer, err := changer(env)
	if err != nil {
		return connect.Change{}, err
	}
	if tree := changer.Repositories.Tracking(path); entry.Key != "" && tree != "" {
		return connect.Change{}, fmt.Errorf("%s: %s is inside the work tree %s, where the key could be committed: omit --key-in-file", c.Name, path, tree)
	}
	ch, err := changer.Add(c, entry, path, o.replace)
	var other *connect.OtherServerError
	if errors.As(err, &other) {
		return connect.Change{}, fmt.Errorf("%w: pass --replace to replace it, or another --name", err)
	}
	return ch, err
}

// apply makes a change and prints it.
func apply(env *cli.Env, ch connect.Change, done string) error {
	madePrivate := ch.Secret && ch.File.Shared() // until now, other users can read the file
	if !ch.Changed() && !madePrivate {
		fmt.Fprintf(env.Stdout, "%s already %s: %s\n", ch.Client.Name, done, tilde(env, ch.File.Path))
		return nil
	}
	result, err := ch.Apply()
	if err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, "%s %s: %s\n", ch.Client.Name, done, tilde(env, ch.File.Path))
	if result.Backup != "" {
		fmt.Fprintf(env.Stdout, "  previous version: %s\n", tilde(env, result.Backup))
	}
	if result.Links > 1 {
		fmt.Fprintf(env.Stdout, "  the file had %d hard links; the others still have the previous version\n", result.Links)
	}
	if madePrivate {
		fmt.Fprintf(env.Stdout, "  only you can read the file now (mode 0600), because it contains the key\n")
	}
	return nil
}

// report prints whether the endpoint accepts the key and, for each client,
// whether the client will see the key or what the user has to do.
func report(ctx context.Context, env *cli.Env, changes []connect.Change, entry clientconfig.Server, srv cli.Server, v verification) {
	fmt.Fprintf(env.Stdout, "\n%s\n", v)
	if entry.Signin {
		reportSignin(env, changes, entry)
		return
	}
	m := Machine(env)
	tried := v.triedKey(srv.Key)
	var printed []string
	for _, ch := range changes {
		e := m.Evidence(ctx, ch.Client, entry, tried)
		mark := "ok     "
		if !e.Sees {
			mark = "to do  "
		}
		fmt.Fprintf(env.Stdout, "%s%s sees the key: %s\n", mark, ch.Client.Name, e.How)
		reportObstacles(env, ch, entry.Name)
		var advice []string
		if !e.Sees && !e.Set {
			advice = append(advice, connect.Advice(ch.Client, entry, runtime.GOOS, srv.KeyFile))
		}
		if ch.Client.Caveat != "" {
			advice = append(advice, "Note: "+ch.Client.Caveat)
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

// reportSignin prints for each client how to sign in with it.
func reportSignin(env *cli.Env, changes []connect.Change, entry clientconfig.Server) {
	for _, ch := range changes {
		advice := strings.ReplaceAll(connect.Advice(ch.Client, entry, runtime.GOOS, ""), "\n", "\n       ")
		fmt.Fprintf(env.Stdout, "to do  sign in with %s\n       %s\n", ch.Client.Name, advice)
		reportObstacles(env, ch, entry.Name)
	}
}

// reportObstacles prints what prevents the client from using the entry.
func reportObstacles(env *cli.Env, ch connect.Change, name string) {
	f, err := Folders(env)
	if err != nil {
		return
	}
	for _, o := range connect.Obstacles(ch.Client, name, ch.File.Path, f, time.Now()) {
		fmt.Fprintf(env.Stdout, "to do  %s uses the entry: %s\n       %s\n",
			ch.Client.Name, printable.Line(o.What), printable.Line(o.Do))
	}
}
