package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/spf13/cobra"
)

// What show-deployed finds instead of a key.
var (
	errNoDefaultKey = errors.New("there is no deployment key here (API_KEY=none): issue one with go tool mcpctl keys create")
	errHashOnly     = errors.New("the deployment's key was chosen by API_KEY or API_KEY_SHA256, and AWS has nothing but its hash: ask whoever deployed it")
)

func newKeysShowDeployed(p *program) *cobra.Command {
	var t keysTarget
	var yes bool
	cmd := &cobra.Command{
		Use:   "show-deployed",
		Short: "Print the deployment's key, where Secrets Manager has made it up",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.showDeployed(cmd.Context(), t, yes)
		},
	}
	yesFlag(cmd, &yes)
	t.flags(cmd)
	return cmd
}

func (p *program) showDeployed(ctx context.Context, t keysTarget, yes bool) error {
	h, err := p.keyholder(ctx, t)
	if err != nil {
		return err
	}
	if h.DefaultKey == "" {
		return errNoDefaultKey
	}
	if err := p.confirm(yes, "Print the deployment's key, which opens everything, on this screen?"); err != nil {
		return err
	}
	out, err := h.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &h.DefaultKey})
	if err != nil {
		return h.explain("read the deployment's key", err)
	}
	value := aws.ToString(out.SecretString)
	if strings.HasPrefix(strings.TrimSpace(value), "{") {
		return errHashOnly
	}
	fmt.Fprintln(p.stdout, value)
	return nil
}
