package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newURL(p *program) *cobra.Command {
	var t target
	cmd := &cobra.Command{
		Use:   "url",
		Short: "Print the endpoint of the local server or of the deployed stack",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := p.server(cmd.Context(), t)
			if err != nil {
				return err
			}
			p.note("%s", s.What)
			fmt.Fprintln(p.stdout, s.URL)
			return nil
		},
	}
	t.flags(cmd)
	return cmd
}
