package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

func newSecrets(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "secrets",
		Short: "Look after the tools' secrets, TOOL_SECRET_*",
		Args:  cobra.NoArgs,
		RunE:  showHelp,
	}
	cmd.AddCommand(newSecretsPush(p))
	return cmd
}

func newSecretsPush(p *program) *cobra.Command {
	var t stackTarget
	cmd := &cobra.Command{
		Use:   "push [NAME...]",
		Short: "Write the values of TOOL_SECRET_* from .env or the environment into the deployed stack",
		Long: `Write the values of TOOL_SECRET_* from .env or the environment into the deployed
stack, all of them or those named. Running instances of the server read a new
value within five minutes.`,
		RunE: func(cmd *cobra.Command, names []string) error {
			s, err := p.settings()
			if err != nil {
				return err
			}
			if len(names) == 0 {
				names = slices.Sorted(maps.Keys(s.ToolSecrets))
			}
			if err := checkSecrets(names, s.ToolSecrets); err != nil {
				return err
			}
			stack, err := p.deployed(cmd.Context(), t)
			if err != nil {
				return err
			}
			p.note("%s", stack)
			if missing := where(names, func(n string) bool { return stack.ToolSecret(n) == "" }); missing != nil {
				return fmt.Errorf("the stack has no secret for %s: deploy it first, with npx cdk deploy", strings.Join(missing, ", "))
			}
			for _, name := range names {
				if err := stack.PutSecret(cmd.Context(), stack.ToolSecret(name), s.ToolSecrets[name]); err != nil {
					return err
				}
				fmt.Fprintln(p.stdout, name)
			}
			return nil
		},
	}
	t.flags(cmd)
	return cmd
}

// checkSecrets tells all that is missing before anything is written.
func checkSecrets(names []string, values map[string]string) error {
	if len(names) == 0 {
		return errors.New("there is nothing to push: no TOOL_SECRET_* is set in .env or the environment")
	}
	if empty := where(names, func(n string) bool { return values[n] == "" }); empty != nil {
		return fmt.Errorf("no value for %s: set it in .env or the environment, or name the secrets to push", strings.Join(empty, ", "))
	}
	return nil
}

func where(names []string, is func(string) bool) []string {
	var found []string
	for _, name := range names {
		if is(name) {
			found = append(found, name)
		}
	}
	return found
}
