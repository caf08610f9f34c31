package keys

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
)

// Errors of show-deployed.
var (
	errNoDefaultKey = errors.New("the stack has no deployment key (API_KEY=none): issue a key with go tool mcpctl keys create")
	errHashOnly     = errors.New("the deployment key was set by API_KEY or API_KEY_SHA256, and AWS stores only its hash: ask the person who deployed the stack")
)

// showDeployedOptions are the flags of mcpctl keys show-deployed.
type showDeployedOptions struct {
	target targetFlags
	yes    bool
}

func newShowDeployed(env *cli.Env) *cobra.Command {
	var o showDeployedOptions
	cmd := &cobra.Command{
		Use:     "show-deployed",
		Short:   "Print the deployment key that Secrets Manager generated",
		Example: `  go tool mcpctl keys show-deployed`,
		Args:    cli.Args(0, 0),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runShowDeployed(cmd.Context(), env, o) },
	}
	yesFlag(cmd, &o.yes)
	o.target.flags(cmd)
	return cmd
}

func runShowDeployed(ctx context.Context, env *cli.Env, o showDeployedOptions) error {
	t, err := o.target.find(ctx, env)
	if err != nil {
		return err
	}
	if t.DefaultKey == "" {
		return errNoDefaultKey
	}
	if err := env.Confirm(ctx, o.yes, "Print the deployment key, which may use all tools, on this screen?"); err != nil {
		return err
	}
	out, err := t.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &t.DefaultKey})
	if err != nil {
		return t.explain("read the deployment key", err)
	}
	value := aws.ToString(out.SecretString)
	if strings.HasPrefix(strings.TrimSpace(value), "{") {
		return errHashOnly
	}
	fmt.Fprintln(env.Stdout, value)
	return nil
}
