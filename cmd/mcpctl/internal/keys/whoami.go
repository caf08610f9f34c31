package keys

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/clients/mcpclient"
	"serverless-mcp/internal/clients/printable"
)

// whoAmIOptions are the flags of mcpctl keys whoami.
type whoAmIOptions struct {
	target cli.Target
	bearer bool
	json   bool
}

func newWhoAmI(env *cli.Env) *cobra.Command {
	var o whoAmIOptions
	cmd := &cobra.Command{
		Use:   "whoami",
		Short: "Show what your key may do, and how much of its limits is left",
		Long: `Show what your key may do, and how much of its limits is left. With --url the command
needs neither this project nor AWS: the key comes from MCP_API_KEY. The request calls no
tool, and does not count as a call. Without mcpctl: curl -H "x-api-key: $MCP_API_KEY" URL/whoami`,
		Example: `  go tool mcpctl keys whoami
  go tool mcpctl keys whoami --url https://example.com/mcp`,
		Args: cli.Args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return runWhoAmI(cmd.Context(), env, o) },
	}
	cmd.Flags().BoolVar(&o.bearer, "bearer", false, cli.BearerHelp)
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	o.target.Flags(cmd)
	return cmd
}

func runWhoAmI(ctx context.Context, env *cli.Env, o whoAmIOptions) error {
	srv, err := o.target.Find(ctx, env)
	if err != nil {
		return err
	}
	env.Note("%s", srv)
	if err := srv.CheckKey(); err != nil {
		return err
	}
	who, err := mcpclient.WhoAmI(ctx, mcpclient.Options{URL: srv.URL, Key: srv.Key, Bearer: o.bearer})
	if err != nil {
		return err
	}
	if o.json {
		return env.PrintJSON(who)
	}
	w := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "Name\t%s\nTools\t%s\nExpires\t%s\n", printable.Line(who.KeyID), printable.Line(toolList(who.Tools)), optionalDate(who.Expires, "never"))
	printLimit(w, "Minute", who.Minute)
	printLimit(w, "Day (UTC)", who.Day)
	if who.Minute == nil && who.Day == nil {
		fmt.Fprintln(w, "Limits\tnone")
	}
	if err := w.Flush(); err != nil {
		return err
	}
	switch who.Usage {
	case "off":
		env.Note("the server does not count calls, so the limits are not applied")
	case "unavailable":
		env.Note("the count is not available at the moment; calls pass without being counted")
	}
	return nil
}

func printLimit(w *tabwriter.Writer, period string, l *mcpclient.LimitState) {
	switch {
	case l == nil:
	case l.Left == nil:
		fmt.Fprintf(w, "%s\tlimit of %d calls\n", period, l.Limit)
	default:
		fmt.Fprintf(w, "%s\t%d of %d calls left; again %d in %d s\n", period, *l.Left, l.Limit, l.Limit, l.ResetSeconds)
	}
}
