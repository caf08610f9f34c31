package deploy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	report "serverless-mcp/cmd/mcpctl/internal/doctor"
	"serverless-mcp/internal/clients/doctor"
	"serverless-mcp/internal/deploy/deployed"
	"serverless-mcp/internal/deploy/preflight"
	"serverless-mcp/internal/settings/dotenv"
)

// checkOptions are the flags of mcpctl check.
type checkOptions struct {
	target cli.StackTarget
	json   bool
}

// NewCheck returns the command mcpctl check.
func NewCheck(env *cli.Env) *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check, before a deployment, what could make it fail, and what it costs",
		Long: `Check what could make a deployment with the present settings fail: credentials and
region, the CDK's bootstrap, the name of the stack and its state, Lambda concurrency,
the quotas and roles that the shapes need, DNS and the version of Node.js. Then the
command prints what each shape creates and costs.

Nothing is changed. Checks that your IAM permissions do not cover are skipped. The
exit code is 1 if a check failed.`,
		Example: `  go tool mcpctl check
  go tool mcpctl check --stage prod --profile work`,
		Args: cli.Args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return runCheck(cmd.Context(), env, o) },
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print the findings as JSON")
	o.target.Flags(cmd)
	return cmd
}

func runCheck(ctx context.Context, env *cli.Env, o checkOptions) error {
	if _, err := dotenv.Root(env.Dir); err != nil {
		return fmt.Errorf("find the project: %w", err)
	}
	s, err := env.Settings()
	if err != nil {
		return err
	}
	if o.target.Stack != "" {
		s.StackName, s.Stage = o.target.Stack, ""
	}
	if o.target.Stage != "" {
		s.Stage = o.target.Stage
	}
	named, err := o.target.Options(env)
	if err != nil {
		return err
	}
	cfg, err := deployed.Connect(ctx, "check the account", named)
	if err != nil {
		return err
	}
	facts, err := preflight.Read(ctx, preflight.Options{
		Config: cfg, Profile: named.Profile, Settings: s, Getenv: env.Getenv,
		LookupHost: net.DefaultResolver.LookupHost, NodeVersion: nodeVersion,
	})
	if err != nil {
		return err
	}
	env.Note("stack %s, account %s, region %s", s.FullStackName(), facts.Account, facts.Region)
	return report.Report(ctx, env, o.json, func(each func(doctor.Finding)) []doctor.Finding {
		findings := preflight.Findings(facts, s)
		for _, f := range findings {
			if each != nil {
				each(f)
			}
		}
		return findings
	})
}

// nodeVersion returns the version of Node.js on which the CDK would run.
func nodeVersion(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "node", "--version").Output()
	if errors.Is(err, exec.ErrNotFound) {
		return "", errors.New("no program node in PATH")
	}
	if err != nil {
		return "", fmt.Errorf("run node --version: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}
