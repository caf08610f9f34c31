package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"serverless-mcp/internal/clients/doctor"
)

func newDoctor(p *program) *cobra.Command {
	var t target
	var asJSON, bearer bool
	cmd := &cobra.Command{
		Use:   "doctor [URL]",
		Short: "Examine an endpoint: what is wrong, which clients it breaks, what to do",
		Long: `Examine an endpoint, ours or anyone's: the key, the connection, who comes in, both
protocol eras, and the small things that clients stumble over. Nothing is changed
there, and the key is never shown. The key comes from MCP_API_KEY, or from where
this server's key is kept, and is sent in x-api-key unless --bearer says otherwise.
Exits with 1 if a check failed.`,
		Example: `  go tool mcpctl doctor
  go tool mcpctl doctor https://example.com/mcp --json
  go tool mcpctl doctor https://example.com/mcp --bearer`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				if t.url != "" || t.local || t.given {
					return errors.New("give the URL or a flag that names the server, not both")
				}
				t.url = args[0]
			}
			return p.doctor(cmd.Context(), t, asJSON, bearer)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the findings as JSON")
	cmd.Flags().BoolVar(&bearer, "bearer", false, bearerHelp)
	t.flags(cmd)
	return cmd
}

func (p *program) doctor(ctx context.Context, t target, asJSON, bearer bool) error {
	srv, err := p.examined(ctx, t)
	if err != nil {
		return err
	}
	p.note("%s, %s", srv.What, srv.URL)
	o := doctor.Options{URL: srv.URL, Key: srv.Key, Stage: p.stageOf(srv, t), Bearer: bearer}
	examine := func(each func(doctor.Finding)) []doctor.Finding {
		o.Each = each
		findings := doctor.Run(ctx, o)
		if srv.Stack != nil {
			findings = append(findings, doctor.RunStack(p.stackFacts(ctx, srv.Stack), time.Now(), each)...)
		}
		return findings
	}
	var findings []doctor.Finding
	if asJSON {
		findings = examine(nil)
		if err := p.printJSON(findings); err != nil {
			return err
		}
	} else {
		findings = p.printFindings(examine)
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

// examined is the server, even where its address is one that no other command
// would call: that is a finding.
func (p *program) examined(ctx context.Context, t target) (server, error) {
	if t.url != "" {
		return server{URL: t.url, Key: p.getenv("MCP_API_KEY"), What: "the endpoint"}, nil
	}
	return p.server(ctx, t)
}

// stageOf is the stage that the key of a deployed stack should be for, "" where
// that is not known.
func (p *program) stageOf(srv server, t target) string {
	if srv.Stack == nil || t.stack != "" && t.stage == "" {
		return ""
	}
	stage := t.stage
	if stage == "" {
		s, _ := p.settings() // a mistake elsewhere in .env is of no matter here
		stage = s.Stage
	}
	if stage == "" {
		return "main"
	}
	return stage
}

// coloured reports whether somebody looks who likes colours (no-color.org).
func (p *program) coloured() bool { return isTerminal(p.stdout) && p.getenv("NO_COLOR") == "" }

// printFindings prints each finding as it comes. Those that were skipped for
// the same reason share a line.
func (p *program) printFindings(examine func(each func(doctor.Finding)) []doctor.Finding) []doctor.Finding {
	var reasons []string
	skipped := map[string]int{}
	findings := examine(func(f doctor.Finding) {
		if f.Status != doctor.Skipped {
			printFinding(p.stdout, f, p.coloured())
			return
		}
		if skipped[f.Detail] == 0 {
			reasons = append(reasons, f.Detail)
		}
		skipped[f.Detail]++
	})
	for _, reason := range reasons {
		f := doctor.Finding{Status: doctor.Skipped, Title: fmt.Sprintf("%d of the checks", skipped[reason]), Detail: reason}
		printFinding(p.stdout, f, p.coloured())
	}
	return findings
}

func printFinding(w io.Writer, f doctor.Finding, colour bool) {
	mark := fmt.Sprintf("%-8s", f.Status)
	if code, found := map[doctor.Status]string{doctor.OK: "32", doctor.Warning: "33", doctor.Failure: "31", doctor.Skipped: "2"}[f.Status]; colour && found {
		mark = "\x1b[" + code + "m" + mark + "\x1b[0m"
	}
	text := f.Title
	if f.Detail != "" {
		text += ": " + printable(f.Detail)
	}
	fmt.Fprintf(w, "%s %s\n", mark, text)
	if f.Breaks != "" {
		fmt.Fprintf(w, "         breaks: %s\n", f.Breaks)
	}
	if f.Advice != "" {
		fmt.Fprintf(w, "         do: %s\n", f.Advice)
	}
}

// printable keeps a server's words from doing things to the terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, text)
}
