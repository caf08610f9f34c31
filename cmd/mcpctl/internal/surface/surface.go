// Package surface has the commands that compare what clients see: surface and diff.
package surface

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/clients/surface"
	"serverless-mcp/internal/settings/dotenv"
)

// NewSurface returns the command mcpctl surface.
func NewSurface(env *cli.Env) *cobra.Command {
	var update bool
	cmd := &cobra.Command{
		Use:   "surface",
		Short: "Print what clients see of the tools in the source, or write it to " + surface.File,
		Long: `Print what clients see of the tools in the source: tools with their schemas,
resources, templates, prompts and instructions.

With --update the command writes this to ` + surface.File + ` in the project's folder. Commit
that file: mcpctl diff compares the source with it, also in CI.`,
		Example: `  go tool mcpctl surface
  go tool mcpctl surface --update`,
		Args: cli.Args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return runSurface(cmd.Context(), env, update) },
	}
	cmd.Flags().BoolVar(&update, "update", false, "write "+surface.File+" instead of printing")
	return cmd
}

func runSurface(ctx context.Context, env *cli.Env, update bool) error {
	root, s, err := source(ctx, env)
	if err != nil {
		return err
	}
	text, err := s.Format()
	if err != nil {
		return err
	}
	if !update {
		_, err = env.Stdout.Write(text)
		return err
	}
	path := filepath.Join(root, surface.File)
	if err := os.WriteFile(path, text, 0o644); err != nil {
		return fmt.Errorf("write the lock file: %w", err)
	}
	fmt.Fprintf(env.Stdout, "%s has %d tools, %d resources, %d templates and %d prompts.\n", path, len(s.Tools), len(s.Resources), len(s.Templates), len(s.Prompts))
	return nil
}

// source returns the project's folder and the surface of its tools.
func source(ctx context.Context, env *cli.Env) (root string, s surface.Surface, err error) {
	if root, err = dotenv.Root(env.Dir); err != nil {
		return "", s, fmt.Errorf("find the tools: %w", err)
	}
	settings, err := env.Settings()
	if err != nil {
		return "", s, err
	}
	environ := slices.DeleteFunc(slices.Clone(env.Environ), isKey)
	for name, value := range settings.MCPEnv(nil) {
		environ = append(environ, name+"="+value)
	}
	stop := env.Compiling()
	s, err = surface.FromSource(ctx, root, environ)
	stop()
	return root, s, err
}

// isKey reports whether a variable holds a key. The program that prints the tools does not
// need keys.
func isKey(variable string) bool {
	return strings.HasPrefix(variable, "API_KEY=") || strings.HasPrefix(variable, "MCP_API_KEY=") || strings.HasPrefix(variable, "TOOL_SECRET_")
}
