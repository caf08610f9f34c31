// Package newtool has the command mcpctl new tool.
package newtool

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/devserver/newtool"
	"serverless-mcp/internal/settings/dotenv"
)

// NewCommand returns the command mcpctl new.
func NewCommand(env *cli.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "new",
		Short:   "Write the files of a new tool",
		Example: "  go tool mcpctl new tool count_words",
		Args:    cobra.NoArgs,
		RunE:    cli.ShowHelp,
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "tool NAME",
		Short: "Write a tool that works, its test, and its line in tools/tools.go",
		Long: `Write a tool that works, its test, and its line in tools/tools.go. Then replace its
types and its function with your own.

NAME is what clients and models call the tool: lower-case words joined by _.`,
		Example: `  go tool mcpctl new tool count_words
  go test ./tools -run CountWords`,
		Args: cli.Args(1, 1),
		RunE: func(_ *cobra.Command, args []string) error { return run(env, args[0]) },
	})
	return cmd
}

func run(env *cli.Env, name string) error {
	root, err := dotenv.Root(env.Dir)
	if err != nil {
		return fmt.Errorf("find the tools: %w", err)
	}
	w, err := newtool.Write(root, name)
	if err != nil {
		return err
	}
	for _, path := range []string{w.Tool, w.Test, w.List} {
		if shown, err := filepath.Rel(root, path); err == nil {
			path = filepath.ToSlash(shown)
		}
		fmt.Fprintln(env.Stdout, path)
	}
	fmt.Fprintf(env.Stdout, "Try it: go test ./tools, and with go tool mcpctl local running: go tool mcpctl call %s text=\"a few words\"\n", name)
	return nil
}
