// Package signin has the commands mcpctl signin, for the person who connects the
// server to an issuer.
package signin

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/cmd/mcpctl/internal/doctor"
	checks "serverless-mcp/internal/clients/doctor"
	"serverless-mcp/internal/settings"
)

// NewCommand returns the command mcpctl signin.
func NewCommand(env *cli.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "signin",
		Short:   "Prepare and examine the sign-in of people",
		Long:    "Prepare and examine the sign-in of people, who use the endpoint /signin/mcp instead of a key.",
		Example: "  go tool mcpctl signin check",
		Args:    cobra.NoArgs,
		RunE:    cli.ShowHelp,
	}
	cmd.AddCommand(newCheck(env), newURLs(env))
	return cmd
}

func newCheck(env *cli.Env) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check [ISSUER]",
		Short: "Examine the issuer: whether its tokens can be verified, and which clients can use it",
		Long: `Examine the issuer of SIGNIN_ISSUER, or another one: its metadata and keys, PKCE,
registration and scopes. It registers no client and signs in no user. The exit code
is 1 if a check failed.`,
		Example: `  go tool mcpctl signin check
  go tool mcpctl signin check https://login.example.com`,
		Args: cli.Args(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			issuer := ""
			if len(args) == 1 {
				issuer = args[0]
			}
			return runCheck(cmd.Context(), env, issuer, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the findings as JSON")
	return cmd
}

func runCheck(ctx context.Context, env *cli.Env, issuer string, asJSON bool) error {
	s, err := env.Settings()
	if issuer == "" {
		switch {
		case err != nil:
			return err
		case !s.Signin.On():
			return errors.New("SIGNIN_ISSUER is unset: set it in .env, or pass the issuer's URL")
		case s.Signin.Issuer == settings.CognitoIssuer:
			return errors.New("SIGNIN_ISSUER is cognito: pass the issuer's URL, the output SigninIssuer of the stack; or run mcpctl doctor --endpoint signin")
		case s.Signin.Issuer == settings.LocalIssuer:
			return errors.New("SIGNIN_ISSUER is local: mcpctl local runs that issuer, and every client can use it")
		}
		issuer = s.Signin.Issuer
	}
	return doctor.Report(ctx, env, asJSON, func(each func(checks.Finding)) []checks.Finding {
		return checks.RunIssuer(ctx, checks.IssuerOptions{Issuer: issuer, Scopes: s.Signin.Scopes, PKCE: s.Signin.PKCE, OnFinding: each})
	})
}

func newURLs(env *cli.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "urls",
		Short: "Print the redirect URIs of the clients, to allow them at the issuer",
		Long: `Print the redirect URIs of the clients. If clients cannot register themselves at the
issuer, allow the URIs of the clients that you use. On loopback addresses, allow every
port. Copilot Studio shows its own URI when you create the connector.`,
		Example: "  go tool mcpctl signin urls",
		Args:    cli.Args(0, 0),
		RunE: func(*cobra.Command, []string) error {
			for _, c := range settings.SigninClients() {
				fmt.Fprintf(env.Stdout, "%-55s  %s\n", c.Redirect, c.Name)
			}
			return nil
		},
	}
}
