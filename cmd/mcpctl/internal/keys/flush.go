package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newKeysFlush(p *program) *cobra.Command {
	var t keysTarget
	cmd := &cobra.Command{
		Use:   "flush",
		Short: "Empty the gateway's cache, so that it asks anew about every key",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			h, err := p.keyholder(cmd.Context(), t)
			if err != nil {
				return err
			}
			if err := h.reset(cmd.Context()); err != nil {
				return err
			}
			fmt.Fprintln(p.stdout, "the gateway's cache of verdicts is empty")
			return nil
		},
	}
	t.flags(cmd)
	return cmd
}
