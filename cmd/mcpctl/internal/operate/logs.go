package operate

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/clients/printable"
	"serverless-mcp/internal/deploy/requestlog"
)

const (
	followInterval = 2 * time.Second
	// overlap is how far each read of --follow goes back: CloudWatch returns lines some
	// seconds late and out of order.
	overlap = time.Minute
)

// logsOptions are the flags of mcpctl logs.
type logsOptions struct {
	source
	selected     requestlog.Selection
	since        string
	follow, json bool
}

// NewLogs returns the command mcpctl logs.
func NewLogs(env *cli.Env) *cobra.Command {
	var o logsOptions
	cmd := &cobra.Command{
		Use:   "logs",
		Short: "Print a server's request lines",
		Long: `Print the request lines of a deployed stack or of the local server: time (UTC), key,
tool or method, outcome, duration, client and reason. --errors prints the requests whose
outcome is not ok, and the errors that explain them. No line has an argument, a result
or a key.`,
		Example: `  go tool mcpctl logs --since 10m
  go tool mcpctl logs --follow --key alice
  go tool mcpctl logs --errors --tool get_weather --stage prod
  go tool mcpctl logs --local --json`,
		Args: cli.Args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return runLogs(cmd.Context(), env, o) },
	}
	cmd.Flags().StringVar(&o.selected.Key, "key", "", "print the lines of this key only")
	cmd.Flags().StringVar(&o.selected.Tool, "tool", "", "print the lines of this tool only")
	cmd.Flags().BoolVar(&o.selected.Errors, "errors", false, "print only requests whose outcome is not ok")
	cmd.Flags().StringVar(&o.since, "since", "1h", "how far to look back, such as 10m, 12h or 7d")
	cmd.Flags().BoolVar(&o.follow, "follow", false, "print new lines as they arrive, until Ctrl-C")
	cmd.Flags().BoolVar(&o.json, "json", false, "print the lines as they were written, one JSON object a line")
	o.flags(cmd)
	return cmd
}

func runLogs(ctx context.Context, env *cli.Env, o logsOptions) error {
	since, err := cli.ParseDuration("--since", o.since)
	if err != nil {
		return err
	}
	if err := o.selected.Check(); err != nil {
		return err
	}
	files, stack, err := o.find(ctx, env)
	if err != nil {
		return err
	}
	var reader requestlog.Reader
	if stack == nil {
		reader, err = files.Reader(o.selected)
	} else {
		env.Note("%s", stack)
		reader, err = requestlog.NewReader(stack, o.selected)
	}
	if err != nil {
		return err
	}
	from := env.Clock.Now().Add(-since)
	for {
		now := env.Clock.Now()
		lines, err := reader.Read(ctx, from, now)
		if err != nil {
			return err
		}
		for _, l := range lines {
			printLine(env.Stdout, l, o.json)
		}
		if !o.follow {
			return nil
		}
		if err := env.Clock.Sleep(ctx, followInterval); err != nil {
			return err
		}
		if start := now.Add(-overlap); start.After(from) {
			from = start
		}
	}
}

// printLine prints a line for people, or as it was written. Parts of it come from callers.
func printLine(w io.Writer, l requestlog.Line, asJSON bool) {
	if asJSON {
		fmt.Fprintf(w, "%s\n", printable.JSON([]byte(strings.TrimSpace(l.Text))))
		return
	}
	parts := []string{l.At.UTC().Format("2006-01-02 15:04:05.000")}
	if message := l.Field("message"); message != "mcp request" {
		parts = append(parts, l.Field("level"), message)
	} else {
		parts = append(parts, orDash(l.Field("keyId")), orDash(cmp.Or(l.Field("tool"), l.Field("method"))), orDash(l.Field("outcome")))
		if ms, ok := l.Number("durationMs"); ok {
			parts = append(parts, milliseconds(ms))
		}
		if client := l.Field("client"); client != "" {
			parts = append(parts, strings.TrimSuffix(client+"/"+l.Field("clientVersion"), "/"))
		}
	}
	for _, field := range []string{"reason", "in", "error", "requestId"} {
		if value := l.Field(field); value != "" {
			parts = append(parts, field+"="+strconv.Quote(value))
		}
	}
	if n, ok := l.Number("count"); ok && n > 1 {
		parts = append(parts, fmt.Sprintf("count=%.0f", n))
	}
	fmt.Fprintln(w, printable.Line(strings.Join(parts, " ")))
}

func orDash(text string) string { return cmp.Or(text, "-") }
