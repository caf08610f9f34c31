// Package deploy has the commands that prepare a deployment or write values to it: check,
// build, image and secrets.
package deploy

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/deploy/bundle"
	"serverless-mcp/internal/settings/dotenv"
)

// buildOptions are the flags and arguments of mcpctl build.
type buildOptions struct {
	functions []string // none means all
	out       string   // folder of the zips; empty means dist
}

// NewBuild returns the command mcpctl build.
func NewBuild(env *cli.Env) *cobra.Command {
	var o buildOptions
	cmd := &cobra.Command{
		Use:   "build [FUNCTION...]",
		Short: "Compile and zip the functions for Lambda, as cdk deploy does",
		Example: `  go tool mcpctl build
  go tool mcpctl build authorizer --out /tmp/zips`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.functions = args
			return runBuild(cmd.Context(), env, o)
		},
	}
	cmd.Flags().StringVar(&o.out, "out", "", "folder for the zips (default: dist in the project's folder)")
	return cmd
}

func runBuild(ctx context.Context, env *cli.Env, o buildOptions) error {
	root, err := dotenv.Root(env.Dir)
	if err != nil {
		return fmt.Errorf("find the functions: %w", err)
	}
	s, err := env.Settings()
	if err != nil {
		return err
	}
	if o.functions, err = checkNames(root, o.functions); err != nil {
		return err
	}
	if o.out != "" && !filepath.IsAbs(o.out) {
		if o.out, err = filepath.Abs(filepath.Join(env.Dir, o.out)); err != nil {
			return fmt.Errorf("find folder %q: %w", o.out, err)
		}
	}
	b := bundle.Options{Root: root, Out: o.out, Names: o.functions, GOARCH: bundle.GOARCH(s.Architecture), Zip: true}
	stop := env.Compiling()
	err = bundle.Run(ctx, b)
	stop()
	if err != nil {
		return fmt.Errorf("the functions do not compile:\n%w", err)
	}
	return listBuilt(env, b)
}

// checkNames returns the names, or those of all functions if none are given. It rejects unknown
// names.
func checkNames(root string, names []string) ([]string, error) {
	all, err := bundle.Functions(root)
	if err != nil || len(names) == 0 {
		return all, err
	}
	for _, name := range names {
		if !slices.Contains(all, name) {
			return nil, fmt.Errorf("unknown function %q; the functions are %s", name, strings.Join(all, ", "))
		}
	}
	return names, nil
}

// listBuilt prints the path and size of each zip.
func listBuilt(env *cli.Env, o bundle.Options) error {
	for _, name := range o.Names {
		info, err := os.Stat(o.Path(name))
		if err != nil {
			return fmt.Errorf("read the size of a zip: %w", err)
		}
		fmt.Fprintf(env.Stdout, "%s  %.1f MB\n", o.Path(name), float64(info.Size())/1e6)
	}
	return nil
}
