package call

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/clients/printable"
)

// toolsOptions are the flags of mcpctl tools.
type toolsOptions struct {
	target cli.Target
	json   bool
}

// NewTools returns the command mcpctl tools.
func NewTools(env *cli.Env) *cobra.Command {
	var o toolsOptions
	cmd := &cobra.Command{
		Use:   "tools",
		Short: "List the tools that the server offers to the key",
		Example: `  go tool mcpctl tools
  go tool mcpctl tools --stage dev --json`,
		Args: cli.Args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return runTools(cmd.Context(), env, o) },
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print the tools as the server declares them, schemas included")
	o.target.Flags(cmd)
	return cmd
}

func runTools(ctx context.Context, env *cli.Env, o toolsOptions) error {
	c, err := dial(ctx, env, o.target)
	if err != nil {
		return err
	}
	defer c.Close()
	list, err := c.Tools(ctx)
	if err != nil {
		return err
	}
	if o.json {
		return env.PrintJSON(list)
	}
	return printTools(env, list)
}

// printTools prints a table of names, arguments and the first lines of the
// descriptions.
func printTools(env *cli.Env, tools []mcp.Tool) error {
	if len(tools) == 0 {
		env.Note("The key may not use any tool.")
		return nil
	}
	w := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TOOL\tARGUMENTS\tDESCRIPTION")
	for _, t := range tools {
		what, _, _ := strings.Cut(t.Description, "\n")
		fmt.Fprintf(w, "%s\t%s\t%s\n", printable.Line(t.Name), printable.Line(strings.Join(signature(t), " ")), printable.Line(what))
	}
	return w.Flush()
}

// signature returns the arguments of a tool in the order of its schema, as they
// are written on the command line. Optional arguments are in brackets.
func signature(t mcp.Tool) []string {
	var all []string
	for _, name := range t.InputSchema.PropertyOrder {
		text := name + "="
		if property, ok := t.InputSchema.Properties[name].(map[string]any); ok {
			text += value(property)
		}
		if !slices.Contains(t.InputSchema.Required, name) {
			text = "[" + text + "]"
		}
		all = append(all, text)
	}
	return all
}

// value describes the values of an argument: its enum, or its type.
func value(property map[string]any) string {
	if choices, ok := property["enum"].([]any); ok {
		var words []string
		for _, c := range choices {
			words = append(words, fmt.Sprint(c))
		}
		return strings.Join(words, "|")
	}
	if kind, ok := property["type"].(string); ok {
		return strings.ToUpper(kind)
	}
	return "JSON"
}
