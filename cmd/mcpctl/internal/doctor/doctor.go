package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/clients/doctor"
	"serverless-mcp/internal/clients/printable"
)

// options are the flags and arguments of mcpctl doctor.
type options struct {
	target       cli.Target
	json, bearer bool
	clients      bool // examine the clients' files instead of an endpoint
}

// NewCommand returns the command mcpctl doctor.
func NewCommand(env *cli.Env) *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "doctor [URL]",
		Short: "Examine an endpoint: what is wrong, which clients that affects, what to do",
		Long: `Examine an endpoint of this project or any other: the key, the connection, which
callers are accepted, both protocol eras, and details that make some clients fail. For
a deployed stack the command also reads from AWS: the stack's state, timeouts, errors of
the last hour, keys that expire soon, tool secrets without a value, and whether this
folder builds the deployed code; checks that your IAM permissions do not cover are skipped.

For the endpoint for sign-in (--endpoint signin), the command examines what clients get
without a token, and the issuer.

Nothing is changed, and the key is never shown. The key comes from MCP_API_KEY, or
from where the key of this project's server is stored. The key is sent in x-api-key
unless --bearer is given. The exit code is 1 if a check failed.`,
		Example: `  go tool mcpctl doctor
  go tool mcpctl doctor https://example.com/mcp --json
  go tool mcpctl doctor --clients
  go tool mcpctl doctor https://example.com/mcp --bearer`,
		Args: cli.Args(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			flagged := o.target.URL != "" || o.target.Local || o.target.Given || o.target.Endpoint != ""
			if o.clients {
				if len(args) > 0 || flagged || o.bearer {
					return errors.New("--clients examines this machine's files, and takes no server")
				}
				return runClients(cmd.Context(), env, o)
			}
			if len(args) == 1 {
				if flagged {
					return errors.New("pass either the URL or flags that name the server")
				}
				o.target.URL = args[0]
			}
			return run(cmd.Context(), env, o)
		},
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print the findings as JSON")
	cmd.Flags().BoolVar(&o.clients, "clients", false, "examine the MCP clients' configuration files on this machine instead of an endpoint")
	cmd.Flags().BoolVar(&o.bearer, "bearer", false, cli.BearerHelp)
	o.target.Flags(cmd)
	return cmd
}

func run(ctx context.Context, env *cli.Env, o options) error {
	srv, err := find(ctx, env, o.target)
	if err != nil {
		return err
	}
	env.Note("%s", srv)
	checks := doctor.Options{URL: srv.URL, Key: srv.Key, Stage: stageOf(env, srv, o.target), Bearer: o.bearer}
	examine := func(each func(doctor.Finding)) []doctor.Finding {
		checks.OnFinding = each
		findings := doctor.Run(ctx, checks)
		if srv.Stack != nil {
			findings = append(findings, doctor.RunStack(stackFacts(ctx, env, srv.Stack), time.Now(), each)...)
		}
		return findings
	}
	return Report(ctx, env, o.json, examine)
}

// Report prints the findings, each as soon as it is known or all as JSON, and returns an
// error if a check failed.
func Report(ctx context.Context, env *cli.Env, asJSON bool, examine func(each func(doctor.Finding)) []doctor.Finding) error {
	var findings []doctor.Finding
	if asJSON {
		findings = examine(nil)
		if err := env.PrintJSON(findings); err != nil {
			return err
		}
	} else {
		findings = printFindings(env, examine)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	failed := 0
	for _, f := range findings {
		if f.Status == doctor.Failure {
			failed++
		}
	}
	switch failed {
	case 0:
		return nil
	case 1:
		return errors.New("1 check failed")
	}
	return fmt.Errorf("%d checks failed", failed)
}

// find returns the server of the target. Unlike other commands, doctor accepts
// any address, because a bad one is a finding.
func find(ctx context.Context, env *cli.Env, t cli.Target) (cli.Server, error) {
	if t.URL != "" {
		return cli.Server{URL: t.URL, Key: env.Getenv("MCP_API_KEY"), What: "the endpoint"}, nil
	}
	return t.Find(ctx, env)
}

// stageOf returns the stage that the key of a deployed stack should be for, "" if
// it is unknown.
func stageOf(env *cli.Env, srv cli.Server, t cli.Target) string {
	if srv.Stack == nil || t.Stack != "" && t.Stage == "" {
		return ""
	}
	stage := t.Stage
	if stage == "" {
		s, _ := env.Settings() // mistakes in other settings do not matter
		stage = s.Stage
	}
	if stage == "" {
		return "main"
	}
	return stage
}

// printFindings prints each finding as soon as it is known. Checks that are skipped for
// the same reason share a line at the end.
func printFindings(env *cli.Env, examine func(each func(doctor.Finding)) []doctor.Finding) []doctor.Finding {
	var reasons []string
	skipped := map[string]int{}
	findings := examine(func(f doctor.Finding) {
		if f.Status != doctor.Skipped {
			printFinding(env.Stdout, f, env.Color())
			return
		}
		if skipped[f.Detail] == 0 {
			reasons = append(reasons, f.Detail)
		}
		skipped[f.Detail]++
	})
	for _, reason := range reasons {
		title := "1 check was skipped"
		if n := skipped[reason]; n > 1 {
			title = fmt.Sprintf("%d checks were skipped", n)
		}
		f := doctor.Finding{Status: doctor.Skipped, Title: title, Detail: reason}
		printFinding(env.Stdout, f, env.Color())
	}
	return findings
}

func printFinding(w io.Writer, f doctor.Finding, color bool) {
	mark := fmt.Sprintf("%-8s", f.Status)
	if code, found := map[doctor.Status]string{doctor.OK: "32", doctor.Warning: "33", doctor.Failure: "31", doctor.Skipped: "2"}[f.Status]; color && found {
		mark = "\x1b[" + code + "m" + mark + "\x1b[0m"
	}
	text := f.Title
	if f.Detail != "" {
		text += ": " + f.Detail
	}
	fmt.Fprintf(w, "%s %s\n", mark, printable.Line(text))
	if f.Breaks != "" {
		fmt.Fprintf(w, "         breaks: %s\n", printable.Line(f.Breaks))
	}
	if f.Advice != "" {
		fmt.Fprintf(w, "         do: %s\n", printable.Line(f.Advice))
	}
}
