// Package operate has the commands that show and control running servers: usage, logs,
// dashboard, pause and resume.
package operate

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/clients/printable"
	"serverless-mcp/internal/deploy/deployed"
	"serverless-mcp/internal/deploy/pause"
)

// NewPause returns the command mcpctl pause.
func NewPause(env *cli.Env) *cobra.Command {
	var target cli.StackTarget
	var yes bool
	cmd := &cobra.Command{
		Use:   "pause",
		Short: "Stop the servers of a deployed stack at once, until mcpctl resume",
		Long: `Stop the servers of a deployed stack within seconds: reserved concurrency 0 for the
functions, 0 tasks for the container. Clients get 503 (429 behind a Function URL).
Running calls and jobs finish; a call in the container has CONTAINER_DRAIN_SECONDS for
that. Waiting jobs stay in their table, but AWS drops their events: after mcpctl resume,
such a job starts when its client asks for it. The previous values are kept in a tag. A
deployment that changes these settings starts the servers again.`,
		Example: `  go tool mcpctl pause
  go tool mcpctl pause --stage prod --yes`,
		Args: cli.Args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return change(cmd.Context(), env, target, func(stack *deployed.Stack) error {
				if err := env.Confirm(cmd.Context(), yes, "Stop all servers of %s?", stack); err != nil {
					return err
				}
				return pause.Pause(cmd.Context(), stack, printChange(env))
			})
		},
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "skip the confirmation")
	target.Flags(cmd)
	return cmd
}

// NewResume returns the command mcpctl resume.
func NewResume(env *cli.Env) *cobra.Command {
	var target cli.StackTarget
	cmd := &cobra.Command{
		Use:   "resume",
		Short: "Start the servers that mcpctl pause stopped",
		Long: `Start the servers that mcpctl pause stopped, with the reserved concurrency and the
number of tasks that they had before. Servers that were started since, such as by a
deployment, are left as they are.`,
		Example: `  go tool mcpctl resume`,
		Args:    cli.Args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return change(cmd.Context(), env, target, func(stack *deployed.Stack) error {
				return pause.Resume(cmd.Context(), stack, printChange(env))
			})
		},
	}
	target.Flags(cmd)
	return cmd
}

func change(ctx context.Context, env *cli.Env, target cli.StackTarget, do func(*deployed.Stack) error) error {
	stack, err := target.Find(ctx, env)
	if err != nil {
		return err
	}
	env.Note("%s", stack)
	return do(stack)
}

func printChange(env *cli.Env) func(pause.Change) {
	return func(c pause.Change) {
		text := fmt.Sprintf("%s: %s -> %s", c.Name, c.Before, c.After)
		if c.Before == c.After {
			text = fmt.Sprintf("%s: %s, unchanged", c.Name, c.After)
		}
		fmt.Fprintln(env.Stdout, printable.Line(text))
	}
}

// NewDashboard returns the command mcpctl dashboard.
func NewDashboard(env *cli.Env) *cobra.Command {
	var target cli.StackTarget
	var open bool
	cmd := &cobra.Command{
		Use:   "dashboard",
		Short: "Print the URL of the stack's dashboard in CloudWatch, or open it",
		Example: `  go tool mcpctl dashboard
  go tool mcpctl dashboard --open`,
		Args: cli.Args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			stack, err := target.Find(cmd.Context(), env)
			if err != nil {
				return err
			}
			url, err := stack.Output("DashboardUrl")
			if err != nil {
				return fmt.Errorf("%s has no dashboard: set ALARMS=true or METRICS=true and deploy", stack)
			}
			fmt.Fprintln(env.Stdout, printable.Line(url))
			if open {
				return openBrowser(cmd.Context(), url)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&open, "open", false, "open the URL in the browser")
	target.Flags(cmd)
	return cmd
}

// openBrowser opens a URL with the operating system's program for it.
func openBrowser(ctx context.Context, url string) error {
	name, args := "xdg-open", []string{url}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", url}
	}
	if err := exec.CommandContext(ctx, name, args...).Run(); err != nil {
		return fmt.Errorf("open the browser with %s: %w", name, err)
	}
	return nil
}
