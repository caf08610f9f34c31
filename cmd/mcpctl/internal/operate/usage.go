package operate

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/clients/printable"
	"serverless-mcp/internal/deploy/deployed"
	"serverless-mcp/internal/deploy/plan"
	"serverless-mcp/internal/deploy/requestlog"
	"serverless-mcp/internal/settings"
)

// usageOptions are the flags of mcpctl usage.
type usageOptions struct {
	source
	since, by string
	json, csv bool
}

// NewUsage returns the command mcpctl usage.
func NewUsage(env *cli.Env) *cobra.Command {
	var o usageOptions
	cmd := &cobra.Command{
		Use:   "usage",
		Short: "Show who used what: requests, errors, durations, bytes and estimated cost",
		Long: `Show the usage of a server by key, tool, client or day (UTC), from its request lines.
For a deployed stack this runs queries in CloudWatch Logs Insights, which cost 0.005 USD
for each GB of log that they scan; the last line shows the amount. By tool, only
requests that call a tool count. The cost is an estimate from list prices, without
fixed costs. Names of clients come from the clients.`,
		Example: `  go tool mcpctl usage
  go tool mcpctl usage --since 30d --by tool --stage prod
  go tool mcpctl usage --by client --csv > usage.csv
  go tool mcpctl usage --local --by day`,
		Args: cli.Args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return runUsage(cmd.Context(), env, o) },
	}
	var groups []string
	for _, by := range requestlog.Groupings() {
		groups = append(groups, string(by))
	}
	cmd.Flags().StringVar(&o.since, "since", "7d", "how far to look back, such as 12h, 7d or 4w")
	cmd.Flags().StringVar(&o.by, "by", string(requestlog.ByKey), "what to group by: "+strings.Join(groups, ", "))
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	cmd.Flags().BoolVar(&o.csv, "csv", false, "print CSV")
	cmd.MarkFlagsMutuallyExclusive("json", "csv")
	o.flags(cmd)
	return cmd
}

func runUsage(ctx context.Context, env *cli.Env, o usageOptions) error {
	by := requestlog.By(o.by)
	if !slices.Contains(requestlog.Groupings(), by) {
		return fmt.Errorf("--by %s: need key, tool, client or day", o.by)
	}
	since, err := cli.ParseDuration("--since", o.since)
	if err != nil {
		return err
	}
	if since == 0 {
		return fmt.Errorf("--since %s: need a duration above 0", o.since)
	}
	files, stack, err := o.find(ctx, env)
	if err != nil {
		return err
	}
	to := env.Clock.Now()
	var report requestlog.Report
	if stack == nil {
		s, _ := env.Settings() // mistakes in the settings do not matter
		report, err = files.Usage(by, to.Add(-since), to, price(s))
	} else {
		report, err = stackUsage(ctx, env, stack, by, to.Add(-since), to)
	}
	if err != nil {
		return err
	}
	switch {
	case o.json:
		return env.PrintJSON(report)
	case o.csv:
		return writeCSV(env.Stdout, report)
	}
	writeTable(env.Stdout, report, cli.IsTerminal(env.Stdout))
	env.Note("%s", scanned(report))
	return nil
}

func stackUsage(ctx context.Context, env *cli.Env, stack *deployed.Stack, by requestlog.By, from, to time.Time) (requestlog.Report, error) {
	env.Note("%s", stack)
	s, err := settingsOf(ctx, stack)
	if err != nil {
		return requestlog.Report{}, err
	}
	progress := cli.Progress{Env: env}
	defer progress.End()
	q := requestlog.Insights{
		Stack: stack, Price: price(s), Sleep: env.Clock.Sleep,
		Progress: func(step string, bytes float64) { progress.Show("query: "+step, ", "+size(bytes)+" scanned") },
	}
	return q.Usage(ctx, by, from, to)
}

// settingsOf returns the settings of a deployed stack that determine the price of its
// requests.
func settingsOf(ctx context.Context, stack *deployed.Stack) (settings.Settings, error) {
	var s settings.Settings
	functions, err := stack.Functions(ctx)
	if err != nil {
		return s, err
	}
	for _, f := range functions {
		switch f.ID {
		case "Mcp":
			s.Shapes = append(s.Shapes, settings.ShapeHTTPAPI)
		case "McpStream":
			s.Shapes = append(s.Shapes, settings.ShapeStream)
		default:
			continue
		}
		s.MemoryMB, s.Architecture = f.MemoryMB, f.Architecture
	}
	return s, nil
}

// price returns the price of a request in a server with these settings.
func price(s settings.Settings) requestlog.Price {
	perRequest, perMillisecond := plan.RequestUSD(s)
	return requestlog.Price{Request: perRequest, Millisecond: perMillisecond}
}

// scanned describes what a report was computed from, and its cost.
func scanned(r requestlog.Report) string {
	text := fmt.Sprintf("%s to %s (UTC)", r.From.UTC().Format("2006-01-02 15:04"), r.To.UTC().Format("2006-01-02 15:04"))
	if r.Scanned.Queries == 0 {
		return fmt.Sprintf("%s; read %s of %s", text, size(r.Scanned.Bytes), strings.Join(r.Scanned.Groups, ", "))
	}
	return fmt.Sprintf("%s; %d queries scanned %s of %s: %.4f USD", text, r.Scanned.Queries, size(r.Scanned.Bytes), strings.Join(r.Scanned.Groups, ", "), r.Scanned.USD())
}

func size(bytes float64) string {
	for _, unit := range []string{"B", "KB", "MB"} {
		if bytes < 1000 {
			return strconv.FormatFloat(bytes, 'f', -1, 64) + " " + unit
		}
		bytes = float64(int(bytes/100)) / 10
	}
	return strconv.FormatFloat(bytes, 'f', 1, 64) + " GB"
}

// name returns the name of a row for people.
func name(r requestlog.Row) string { return cmp.Or(r.Name, "(unknown)") }

// writeTable prints a report. Bars show the share of the requests on a terminal.
func writeTable(w io.Writer, r requestlog.Report, bars bool) {
	rows := append(slices.Clone(r.Rows), r.Total)
	rows[len(rows)-1].Name = "total"
	width, most := len(r.By), 1
	for _, row := range r.Rows {
		width, most = max(width, min(40, len([]rune(name(row))))), max(most, row.Requests)
	}
	fmt.Fprintf(w, "%-*s %9s %7s %8s %9s %9s %9s %10s\n", max(width, 5), string(r.By), "requests", "errors", "rejected", "p50", "p95", "size", "USD")
	for i, row := range rows {
		text := []rune(printable.Line(name(row)))
		if len(text) > 40 {
			text = append(text[:39], '…')
		}
		fmt.Fprintf(w, "%-*s %9d %6.1f%% %8d %9s %9s %9s %10.4f", max(width, 5), string(text), row.Requests, 100*row.ErrorShare(), row.Rejected,
			milliseconds(row.P50Ms), milliseconds(row.P95Ms), size(float64(row.Bytes)), row.CostUSD)
		if bars && i < len(r.Rows) {
			fmt.Fprintf(w, "  %s", strings.Repeat("█", (20*row.Requests+most-1)/most))
		}
		fmt.Fprintln(w)
	}
}

func milliseconds(ms float64) string {
	if ms < 0 {
		return "-"
	}
	return strconv.FormatFloat(ms, 'f', 1, 64) + " ms"
}

// cell returns a name as the cell of a spreadsheet. A name that a spreadsheet would run as
// a formula gets an apostrophe, even if the formula begins with blanks, quotes or a
// full-width form of its first character.
// https://owasp.org/www-community/attacks/CSV_Injection
func cell(name string) string {
	text := printable.Line(name)
	if strings.IndexAny(strings.TrimLeft(text, " '\"\u00a0\u3000"), "=+-@＝＋－＠|%") == 0 {
		return "'" + text
	}
	return text
}

// writeCSV prints a report, and the total in its last row.
func writeCSV(w io.Writer, r requestlog.Report) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{string(r.By), "requests", "errors", "rejected", "p50Ms", "p95Ms", "bytes", "costUSD"}) // Error reports it
	total := r.Total
	total.Name = "total"
	for _, row := range append(slices.Clone(r.Rows), total) {
		number := func(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
		_ = out.Write([]string{cell(row.Name), strconv.Itoa(row.Requests), strconv.Itoa(row.Errors), strconv.Itoa(row.Rejected),
			number(row.P50Ms), number(row.P95Ms), strconv.FormatInt(row.Bytes, 10), strconv.FormatFloat(row.CostUSD, 'f', 8, 64)})
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write the usage: %w", err)
	}
	return nil
}
