package deploy

import (
	"context"

	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
)

// NewSecrets returns the command mcpctl secrets.
func NewSecrets(env *cli.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "secrets",
		Short: "Manage the tool secrets, TOOL_SECRET_*",
		Example: `  go tool mcpctl secrets push
  go tool mcpctl secrets push TOOL_SECRET_TOKEN --stage dev`,
		Args: cobra.NoArgs,
		RunE: cli.ShowHelp,
	}
	cmd.AddCommand(newSecretsPush(env))
	return cmd
}

// pushOptions are the flags and arguments of mcpctl secrets push.
type pushOptions struct {
	target cli.StackTarget
	names  []string // none means all that are set
}

func newSecretsPush(env *cli.Env) *cobra.Command {
	var o pushOptions
	cmd := &cobra.Command{
		Use:   "push [NAME...]",
		Short: "Write the values of TOOL_SECRET_* to the secrets of the deployed stack",
		Long: `Write the values of TOOL_SECRET_* in .env or the environment to the secrets of the
deployed stack: all of them, or those named. Running instances of the server read a
new value within five minutes. A deployment creates the secrets but writes no values.`,
		Example: `  go tool mcpctl secrets push
  go tool mcpctl secrets push TOOL_SECRET_TOKEN --stage dev`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.names = args
			return runPush(cmd.Context(), env, o)
		},
	}
	o.target.Flags(cmd)
	return cmd
}

func runPush(ctx context.Context, env *cli.Env, o pushOptions) error {
	s, err := env.Settings()
	if err != nil {
		return err
	}
	if len(o.names) == 0 {
		o.names = slices.Sorted(maps.Keys(s.ToolSecrets))
	}
	if err := checkSecrets(o.names, s.ToolSecrets); err != nil {
		return err
	}
	stack, err := o.target.Find(ctx, env)
	if err != nil {
		return err
	}
	env.Note("%s", stack)
	if missing := filter(o.names, func(n string) bool { return stack.ToolSecret(n) == "" }); missing != nil {
		return fmt.Errorf("the stack has no secret for %s: deploy it first, with npx cdk deploy", strings.Join(missing, ", "))
	}
	for _, name := range o.names {
		if err := stack.PutSecret(ctx, stack.ToolSecret(name), s.ToolSecrets[name]); err != nil {
			return err
		}
		fmt.Fprintln(env.Stdout, name)
	}
	noun := "tool secrets"
	if len(o.names) == 1 {
		noun = "tool secret"
	}
	env.Note("%d %s written; running instances of the server use the new values within five minutes", len(o.names), noun)
	return nil
}

// checkSecrets reports all missing values before anything is written.
func checkSecrets(names []string, values map[string]string) error {
	if len(names) == 0 {
		return errors.New("nothing to push: no TOOL_SECRET_* is set in .env or the environment")
	}
	if empty := filter(names, func(n string) bool { return values[n] == "" }); empty != nil {
		return fmt.Errorf("no value for %s: set it in .env or the environment, or name the secrets to push", strings.Join(empty, ", "))
	}
	return nil
}

// filter returns the names for which ok returns true.
func filter(names []string, ok func(string) bool) []string {
	var found []string
	for _, name := range names {
		if ok(name) {
			found = append(found, name)
		}
	}
	return found
}
