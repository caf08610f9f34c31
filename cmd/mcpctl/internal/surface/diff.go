package surface

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/clients/mcpclient"
	"serverless-mcp/internal/clients/printable"
	"serverless-mcp/internal/clients/surface"
)

// diffOptions are the flags of mcpctl diff.
type diffOptions struct {
	target cli.Target
	json   bool
}

// NewDiff returns the command mcpctl diff.
func NewDiff(env *cli.Env) *cobra.Command {
	var o diffOptions
	cmd := &cobra.Command{
		Use:   "diff",
		Short: "Compare the tools in the source with " + surface.File + " or a server",
		Long: `Compare what clients see of the tools in the source with ` + surface.File + ` or, if a flag
names one, with a server. Each change is breaking, safe, or words only:

  breaking  a tool, resource or prompt removed or renamed, a new required argument,
            a narrower type, range or enum of an argument, a wider one of a result
  safe      every call that works today still works
  words     descriptions, titles and instructions

It also warns of what misleads models and people, such as a description that instructs
the model or contains hidden characters. The exit status is 1 after a breaking change.`,
		Example: `  go tool mcpctl diff
  go tool mcpctl diff --local
  go tool mcpctl diff --stage prod --json`,
		Args: cli.Args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return runDiff(cmd.Context(), env, o) },
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print the changes and warnings as JSON")
	o.target.Flags(cmd)
	return cmd
}

// report is the output of mcpctl diff --json.
type report struct {
	Against  string            `json:"against"`
	Breaking int               `json:"breaking"`
	Changes  []surface.Change  `json:"changes"`
	Warnings []surface.Warning `json:"warnings"`
}

func runDiff(ctx context.Context, env *cli.Env, o diffOptions) error {
	root, now, err := source(ctx, env)
	if err != nil {
		return err
	}
	r := report{Against: surface.File}
	var before surface.Surface
	if o.target.Local || o.target.URL != "" || o.target.Given || o.target.Endpoint != "" {
		before, r.Against, err = ofServer(ctx, env, o.target)
	} else {
		before, err = surface.Read(filepath.Join(root, surface.File))
	}
	if err != nil {
		return err
	}
	r.Changes, r.Warnings = surface.Diff(before, now), surface.Warnings(now)
	for _, c := range r.Changes {
		if c.Class == surface.Breaking {
			r.Breaking++
		}
	}
	if err := r.print(env, o.json); err != nil {
		return err
	}
	if r.Breaking > 0 {
		return fmt.Errorf("breaking changes: %d", r.Breaking)
	}
	return nil
}

// ofServer returns the surface of the server that the target names.
func ofServer(ctx context.Context, env *cli.Env, t cli.Target) (s surface.Surface, what string, err error) {
	server, err := t.Find(ctx, env)
	if err != nil {
		return s, "", err
	}
	if err := server.CheckKey(); err != nil {
		return s, "", err
	}
	s, err = surface.FromEndpoint(ctx, mcpclient.Options{URL: server.URL, Key: server.Key})
	return s, server.String(), err
}

func (r report) print(env *cli.Env, asJSON bool) error {
	if asJSON {
		if r.Changes == nil {
			r.Changes = []surface.Change{}
		}
		if r.Warnings == nil {
			r.Warnings = []surface.Warning{}
		}
		return env.PrintJSON(r)
	}
	for _, c := range r.Changes {
		where := c.Kind
		if c.Name != "" {
			where += " " + c.Name
		}
		if c.Path != "" {
			where += ", " + c.Path
		}
		fmt.Fprintf(env.Stdout, "%-8s  %s: %s\n", c.Class, printable.Line(where), printable.Line(c.Text))
	}
	for _, w := range r.Warnings {
		fmt.Fprintf(env.Stdout, "%-8s  %s: %s\n", "warning", printable.Line(w.Where), printable.Line(w.Text))
	}
	if len(r.Changes) == 0 {
		fmt.Fprintf(env.Stdout, "The source matches %s.\n", printable.Line(r.Against))
	}
	return nil
}
