// Package jobs has the commands mcpctl jobs, for operators of a server with jobs.
package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/clients/printable"
	"serverless-mcp/internal/jobs"
	"serverless-mcp/internal/mcp/mcpjob"
)

// NewCommand returns the command mcpctl jobs.
func NewCommand(env *cli.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "jobs",
		Short: "List, show and cancel jobs",
		Long: `List, show and cancel jobs: calls of tools that run longer than a request may.
A job is kept for a day. These commands see the jobs of all keys; your own AWS
credentials need dynamodb:Scan, GetItem and PutItem on the table.`,
		Example: "  go tool mcpctl jobs list",
		Args:    cobra.NoArgs,
		RunE:    cli.ShowHelp,
	}
	cmd.AddCommand(newList(env), newShow(env), newCancel(env))
	return cmd
}

func newList(env *cli.Env) *cobra.Command {
	var t targetFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the jobs of the last day, the newest first",
		Example: `  go tool mcpctl jobs list
  go tool mcpctl jobs list --local --json`,
		Args: cli.Args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return runList(cmd.Context(), env, t, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	t.flags(cmd)
	return cmd
}

// list returns the table that the flags select, and its jobs.
func (f targetFlags) list(ctx context.Context, env *cli.Env) (target, []jobs.Summary, error) {
	t, err := f.find(ctx, env)
	if err != nil {
		return target{}, nil, err
	}
	list, err := jobs.List(ctx, t.client, t.table, env.Clock.Now())
	if err != nil {
		return target{}, nil, t.explain("list the jobs", err)
	}
	return t, list, nil
}

func runList(ctx context.Context, env *cli.Env, f targetFlags, asJSON bool) error {
	_, list, err := f.list(ctx, env)
	if err != nil {
		return err
	}
	if asJSON {
		return env.PrintJSON(list)
	}
	if len(list) == 0 {
		env.Note("no jobs")
		return nil
	}
	w := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tTOOL\tKEY\tSTATUS\tSTARTED (UTC)\tRUNS\tMESSAGE")
	for _, j := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%s\n", j.ID, printable.Line(j.Tool), printable.Line(j.KeyID), j.Status,
			j.Created.Format(time.DateTime), j.Runs, printable.Line(j.Message))
	}
	return w.Flush()
}

// shown is what mcpctl jobs show prints.
type shown struct {
	jobs.Summary
	Result json.RawMessage `json:"result,omitempty"`
	Error  *mcpjob.Error   `json:"error,omitempty"`
}

func newShow(env *cli.Env) *cobra.Command {
	var t targetFlags
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show a job with its result, as JSON",
		Long: `Show a job with its result, as JSON. The result is what the tool returned to the
caller, and may be private.`,
		Example: "  go tool mcpctl jobs show 7QK3XW5N2VJH4RB6TYC8ZDMFGA",
		Args:    cli.Args(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runShow(cmd.Context(), env, t, args[0])
		},
	}
	t.flags(cmd)
	return cmd
}

func runShow(ctx context.Context, env *cli.Env, f targetFlags, id string) error {
	t, err := f.find(ctx, env)
	if err != nil {
		return err
	}
	summary, job, err := t.service().Find(ctx, id)
	if err != nil {
		return t.failed("read the job", err)
	}
	return env.PrintJSON(shown{summary, job.Result, job.Error})
}

func newCancel(env *cli.Env) *cobra.Command {
	var t targetFlags
	var key string
	cmd := &cobra.Command{
		Use:   "cancel [ID]",
		Short: "Cancel a job, or all jobs of a key",
		Long: `Cancel a job, or all jobs of a key that have not ended. For its caller, a job ends at
once; the tool's context is cancelled within some seconds. What the tool has done is not
undone. Revoking a key does not end its jobs: cancel them.`,
		Example: `  go tool mcpctl jobs cancel 7QK3XW5N2VJH4RB6TYC8ZDMFGA
  go tool mcpctl jobs cancel --key alice`,
		Args: cli.Args(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) == 1 && key == "":
				return runCancel(cmd.Context(), env, t, args[0])
			case len(args) == 0 && key != "":
				return runCancelOf(cmd.Context(), env, t, key)
			}
			return errors.New("need either the id of a job or --key")
		},
	}
	cmd.Flags().StringVar(&key, "key", "", "cancel all jobs of the key with this name")
	t.flags(cmd)
	return cmd
}

// runCancelOf cancels the jobs of a key.
func runCancelOf(ctx context.Context, env *cli.Env, f targetFlags, key string) error {
	t, list, err := f.list(ctx, env)
	if err != nil {
		return err
	}
	cancelled := 0
	for _, j := range list {
		if j.KeyID != key || j.Status != mcpjob.Working {
			continue
		}
		now, err := t.service().End(ctx, j.ID)
		if err != nil && !errors.Is(err, mcpjob.ErrUnknown) {
			return t.explain("cancel the job "+j.ID, err)
		}
		if err == nil && now.Status == mcpjob.Cancelled {
			cancelled++
			fmt.Fprintf(env.Stdout, "cancelled %s\n", j.ID)
		}
	}
	if cancelled == 0 {
		env.Note("key %s has no running or waiting job", printable.Line(key))
	}
	return nil
}

func runCancel(ctx context.Context, env *cli.Env, f targetFlags, id string) error {
	t, err := f.find(ctx, env)
	if err != nil {
		return err
	}
	summary, err := t.service().End(ctx, id)
	if err != nil {
		return t.failed("cancel the job", err)
	}
	if summary.Status != mcpjob.Cancelled {
		return fmt.Errorf("the job had ended before: it is %s", summary.Status)
	}
	fmt.Fprintln(env.Stdout, "cancelled")
	return nil
}

// failed explains an error.
func (t target) failed(action string, err error) error {
	if errors.Is(err, mcpjob.ErrUnknown) {
		return errors.New("there is no job with this id; jobs are kept for a day")
	}
	return t.explain(action, err)
}
