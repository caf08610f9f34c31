package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/spf13/cobra"

	"serverless-mcp/internal/clients/mcpclient"
)

func newTools(p *program) *cobra.Command {
	var t target
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "tools",
		Short: "List the tools that the server offers to the key",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := p.connect(cmd.Context(), t)
			if err != nil {
				return err
			}
			defer c.Close()
			list, err := c.Tools(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				return p.printJSON(list)
			}
			return p.printTools(list)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the tools as the server declares them, schemas included")
	t.flags(cmd)
	return cmd
}

// connect greets the server that t means.
func (p *program) connect(ctx context.Context, t target) (*mcpclient.Client, error) {
	s, err := p.server(ctx, t)
	if err != nil {
		return nil, err
	}
	p.note("%s, %s", s.What, s.URL)
	if s.Key == "" {
		return nil, errNoKey
	}
	return mcpclient.Connect(ctx, mcpclient.Options{URL: s.URL, Key: s.Key})
}

// printTools prints a table: name, arguments, and the description's first line.
func (p *program) printTools(tools []mcp.Tool) error {
	if len(tools) == 0 {
		p.note("The key may use no tools.")
		return nil
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TOOL\tARGUMENTS\tWHAT IT DOES")
	for _, t := range tools {
		what, _, _ := strings.Cut(t.Description, "\n")
		fmt.Fprintf(w, "%s\t%s\t%s\n", t.Name, strings.Join(signature(t), " "), what)
	}
	return w.Flush()
}

// signature lists a tool's arguments, in the order of the schema, as they are
// written on the command line; those that may be left out are in brackets.
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

// value is what an argument takes: its choices, or its type.
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

func (p *program) printJSON(v any) error {
	e := json.NewEncoder(p.stdout)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
