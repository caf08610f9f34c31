package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/call"
	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/cmd/mcpctl/internal/connect"
	"serverless-mcp/cmd/mcpctl/internal/deploy"
	"serverless-mcp/cmd/mcpctl/internal/doctor"
	"serverless-mcp/cmd/mcpctl/internal/jobs"
	"serverless-mcp/cmd/mcpctl/internal/keys"
	"serverless-mcp/cmd/mcpctl/internal/local"
	"serverless-mcp/cmd/mcpctl/internal/newtool"
	"serverless-mcp/cmd/mcpctl/internal/operate"
	"serverless-mcp/cmd/mcpctl/internal/signin"
	"serverless-mcp/cmd/mcpctl/internal/surface"
)

// newRoot returns mcpctl with all its commands.
func newRoot(env *cli.Env) *cobra.Command {
	root := &cobra.Command{
		Use:           "mcpctl",
		Short:         "Run, build, call and manage this MCP server",
		SilenceUsage:  true, // an error is one line, not a page of usage
		SilenceErrors: true, // run prints them
	}
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())
	})
	root.AddCommand(
		local.NewCommand(env),
		call.NewTools(env), call.NewCall(env), call.NewPing(env), call.NewURL(env),
		connect.NewConnect(env), connect.NewDisconnect(env),
		doctor.NewCommand(env),
		newtool.NewCommand(env), surface.NewSurface(env), surface.NewDiff(env),
		keys.NewCommand(env),
		jobs.NewCommand(env),
		signin.NewCommand(env),
		operate.NewUsage(env), operate.NewLogs(env), operate.NewDashboard(env), operate.NewPause(env), operate.NewResume(env),
		deploy.NewCheck(env), deploy.NewBuild(env), deploy.NewImage(env), deploy.NewSecrets(env),
	)
	return root
}
