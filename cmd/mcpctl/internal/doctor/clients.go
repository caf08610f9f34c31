package doctor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/cmd/mcpctl/internal/connect"
	"serverless-mcp/internal/clients/doctor"
)

// runClients examines the configuration files of the MCP clients on this
// machine.
func runClients(ctx context.Context, env *cli.Env, o options) error {
	f, err := connect.Folders(env)
	if err != nil {
		return err
	}
	problems, files, entries := connect.Machine(env).Examine(ctx, f, connect.Repositories(env), time.Now())
	findings := []doctor.Finding{}
	for _, p := range problems {
		title := p.Client.Name
		if p.Entry != "" {
			title += ", " + p.Entry
		}
		detail := p.What
		if p.File != "" {
			detail += " (" + p.File + ")"
		}
		findings = append(findings, doctor.Finding{
			ID: "client-file", Status: doctor.Warning, Title: title, Detail: detail, Advice: p.Do,
		})
	}
	if o.json {
		if err := env.PrintJSON(findings); err != nil {
			return err
		}
	} else {
		for _, f := range findings {
			printFinding(env.Stdout, f, env.Color())
		}
		summary := fmt.Sprintf("%d files, %d entries", files, entries)
		if len(findings) == 0 {
			printFinding(env.Stdout, doctor.Finding{Status: doctor.OK, Title: "clients' files", Detail: summary}, env.Color())
		}
	}
	switch len(findings) {
	case 0:
		return nil
	case 1:
		return errors.New("1 problem in the clients' files")
	}
	return fmt.Errorf("%d problems in the clients' files", len(findings))
}
