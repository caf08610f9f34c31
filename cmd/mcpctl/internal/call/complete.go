package main

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// completeCall offers the tools' names, then the arguments that the tool still
// lacks, asking the server. A shell that waits for it must not hang, and has
// no use for an error.
func (p *program) completeCall(ctx context.Context, t target, args []string) (offers []string, how cobra.ShellCompDirective) {
	how = cobra.ShellCompDirectiveNoFileComp
	if len(args) > 0 {
		how |= cobra.ShellCompDirectiveNoSpace // the value follows
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	quiet := *p
	quiet.stderr = io.Discard
	c, err := quiet.connect(ctx, t)
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
			offers = append(offers, cobra.CompletionWithDesc(tool.Name, what))
		case args[0] == tool.Name:
			for _, name := range tool.InputSchema.PropertyOrder {
				if !slices.ContainsFunc(args[1:], func(a string) bool { return strings.HasPrefix(a, name+"=") }) {
					offers = append(offers, name+"=")
				}
			}
		}
	}
	return offers, how
}
