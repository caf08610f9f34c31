package call

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/clients/printable"
)

// completionTimeout limits how long a shell waits for completions.
const completionTimeout = 3 * time.Second

// complete asks the server for completions: the names of its tools, then the
// arguments of the chosen tool that are still missing. An error means no
// completions, because a shell cannot show it.
func complete(ctx context.Context, env *cli.Env, t cli.Target, args []string) (offers []string, how cobra.ShellCompDirective) {
	how = cobra.ShellCompDirectiveNoFileComp
	if len(args) > 0 {
		how |= cobra.ShellCompDirectiveNoSpace // the value follows
	}
	ctx, cancel := context.WithTimeout(ctx, completionTimeout)
	defer cancel()
	quiet := *env
	quiet.Stderr = io.Discard
	c, err := dial(ctx, &quiet, t)
	if err != nil {
		return nil, how
	}
	defer c.Close()
	tools, err := c.Tools(ctx)
	if err != nil {
		return nil, how
	}
	for _, tool := range tools {
		what, _, _ := strings.Cut(tool.Description, "\n")
		switch {
		case len(args) == 0:
			offers = append(offers, cobra.CompletionWithDesc(printable.Line(tool.Name), printable.Line(what)))
		case args[0] == tool.Name:
			for _, name := range tool.InputSchema.PropertyOrder {
				if !slices.ContainsFunc(args[1:], func(a string) bool { return strings.HasPrefix(a, name+"=") }) {
					offers = append(offers, printable.Line(name)+"=")
				}
			}
		}
	}
	return offers, how
}
