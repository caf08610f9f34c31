package cli

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"serverless-mcp/internal/deploy/deployed"
)

// StackTarget names the deployed stack that a command works on. The zero value
// means the stack of the settings, in the region and account of the AWS CLI.
type StackTarget struct {
	Stack, Stage, Region, Profile string
	Given                         bool // whether a flag set one of them
}

// Flags adds the flags to a command.
func (t *StackTarget) Flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&t.Stack, "stack", "", "the deployed stack (default: STACK_NAME of the settings)")
	cmd.Flags().StringVar(&t.Stage, "stage", "", "its stage (default: STAGE of the settings)")
	cmd.Flags().StringVar(&t.Region, "region", "", "AWS region (default: as the AWS CLI)")
	cmd.Flags().StringVar(&t.Profile, "profile", "", "AWS profile (default: as the AWS CLI)")
	before := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		for _, name := range []string{"stack", "stage", "region", "profile"} {
			t.Given = t.Given || cmd.Flags().Changed(name)
		}
		if before != nil {
			return before(cmd, args)
		}
		return nil
	}
}

// Find looks the stack up.
func (t StackTarget) Find(ctx context.Context, env *Env) (*deployed.Stack, error) {
	o, err := t.Options(env)
	if err != nil {
		return nil, err
	}
	return deployed.Find(ctx, o)
}

// Options names the stack. The name comes from the flags or else from the
// settings; if --stack is given, mistakes in the settings do not matter.
func (t StackTarget) Options(env *Env) (deployed.Options, error) {
	s, err := env.Settings()
	if err != nil && t.Stack == "" {
		return deployed.Options{}, err
	}
	if t.Stack != "" {
		s.StackName, s.Stage = t.Stack, "" // the whole name, unless --stage is given too
	}
	if t.Stage != "" {
		s.Stage = t.Stage
	}
	return deployed.Options{Name: s.FullStackName(), Region: t.Region, Profile: cmp.Or(t.Profile, env.Getenv("AWS_PROFILE"))}, nil
}
