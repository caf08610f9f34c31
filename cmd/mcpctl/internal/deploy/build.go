package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"serverless-mcp/internal/deploy/bundle"
	"serverless-mcp/internal/settings/dotenv"
)

func newBuild(p *program) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "build [FUNCTION...]",
		Short: "Compile the functions for Lambda and zip them, as cdk deploy does by itself",
		RunE: func(cmd *cobra.Command, names []string) error {
			root, err := dotenv.Root(p.dir)
			if err != nil {
				return fmt.Errorf("find the functions: %w", err)
			}
			s, err := p.settings()
			if err != nil {
				return err
			}
			if out != "" && !filepath.IsAbs(out) {
				if out, err = filepath.Abs(filepath.Join(p.dir, out)); err != nil {
					return fmt.Errorf("find folder %q: %w", out, err)
				}
			}
			o := bundle.Options{Root: root, Out: out, Names: names, GOARCH: bundle.GOARCH(s.Architecture), Zip: true}
			if err := bundle.Run(cmd.Context(), o); err != nil {
				return fmt.Errorf("the functions do not compile:\n%w", err)
			}
			return p.listBuilt(o)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "folder for the zips (default: dist in the project's folder)")
	return cmd
}

// listBuilt prints what was built: path and size, a line each.
func (p *program) listBuilt(o bundle.Options) error {
	names := o.Names
	if len(names) == 0 {
		var err error
		if names, err = bundle.Functions(o.Root); err != nil {
			return err
		}
	}
	for _, name := range names {
		info, err := os.Stat(o.Path(name))
		if err != nil {
			return fmt.Errorf("look at what was built: %w", err)
		}
		fmt.Fprintf(p.stdout, "%s  %.1f MB\n", o.Path(name), float64(info.Size())/1e6)
	}
	return nil
}
