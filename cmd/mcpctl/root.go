package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/settings/dotenv"
)

func newRoot(p *program) *cobra.Command {
	root := &cobra.Command{
		Use:           "mcpctl",
		Short:         "Run, build, call and look after this MCP server",
		SilenceUsage:  true, // an error is told in a line, not in a page
		SilenceErrors: true, // by run
	}
	root.SetIn(p.stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())
	})
	root.AddCommand(newBuild(p), newCall(p), newConnect(p), newDisconnect(p), newDoctor(p), newImage(p), newKeys(p), newLocal(p), newPing(p), newSecrets(p), newTools(p), newURL(p))
	return root
}

// settings reads .env and the environment. Clashes are noted.
func (p *program) settings() (settings.Settings, error) {
	values, err := p.settingValues()
	if err != nil {
		return settings.Settings{}, err
	}
	return settings.Parse(values)
}

func (p *program) settingValues() (map[string]string, error) {
	values, notes, err := dotenv.Load(p.dir, p.environ)
	if err != nil {
		return nil, err
	}
	for _, n := range notes {
		p.note("note: %s", n)
	}
	return values, nil
}
