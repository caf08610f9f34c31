// Package call has the commands that use an endpoint as a client does: tools,
// call, ping and url.
package call

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/clients/mcpclient"
	"serverless-mcp/internal/clients/printable"
)

// errToolError sets the exit code after a tool error, whose text is the result.
var errToolError = errors.New("the tool returned an error")

// callOptions are the flags and arguments of mcpctl call.
type callOptions struct {
	target    cli.Target
	tool      string
	arguments []string // NAME=VALUE
	json      bool
}

// NewCall returns the command mcpctl call.
func NewCall(env *cli.Env) *cobra.Command {
	var o callOptions
	cmd := &cobra.Command{
		Use:   "call TOOL [NAME=VALUE...]",
		Short: "Call a tool and print its result",
		Long: `Call a tool and print its result.

The tool's schema determines the type of each value. Write lists and objects as JSON;
for a list, you can also repeat its name.`,
		Example: `  go tool mcpctl call get_weather city=Paris
  go tool mcpctl call calculate operation=divide a=1 b=3 --json`,
		Args: needTool,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return complete(cmd.Context(), env, o.target, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.tool, o.arguments = args[0], args[1:]
			return runCall(cmd.Context(), env, o)
		},
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print the whole result as the server sent it")
	o.target.Flags(cmd)
	return cmd
}

func needTool(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return errors.New("need the name of a tool; mcpctl tools lists them")
	}
	return nil
}

func runCall(ctx context.Context, env *cli.Env, o callOptions) error {
	c, err := dial(ctx, env, o.target)
	if err != nil {
		return err
	}
	defer c.Close()
	tool, err := c.Tool(ctx, o.tool)
	if err != nil {
		return err
	}
	arguments, err := mcpclient.Arguments(tool, o.arguments)
	if err != nil {
		return err
	}
	result, err := c.Call(ctx, tool.Name, arguments)
	if err != nil {
		return err
	}
	return printResult(env, result, o.json)
}

// dial connects to the target's server.
func dial(ctx context.Context, env *cli.Env, t cli.Target) (*mcpclient.Client, error) {
	s, err := t.Find(ctx, env)
	if err != nil {
		return nil, err
	}
	env.Note("%s", s)
	if err := s.CheckKey(); err != nil {
		return nil, err
	}
	return mcpclient.Connect(ctx, mcpclient.Options{URL: s.URL, Key: s.Key})
}

// printResult prints the structured content if there is any, otherwise the
// content blocks.
func printResult(env *cli.Env, result *mcp.CallToolResult, asJSON bool) error {
	var err error
	switch {
	case asJSON:
		err = env.PrintJSON(result)
	case result.StructuredContent != nil && !result.IsError:
		err = env.PrintJSON(result.StructuredContent)
	default:
		err = printContent(env, result.Content)
	}
	if err == nil && result.IsError {
		return errToolError
	}
	return err
}

// printContent prints texts as they are and other content blocks as JSON.
func printContent(env *cli.Env, content []mcp.Content) error {
	for _, c := range content {
		if text, ok := c.(mcp.TextContent); ok {
			fmt.Fprintln(env.Stdout, printable.Text(text.Text))
			continue
		}
		data, err := json.Marshal(c)
		if err != nil {
			return fmt.Errorf("print the result: %w", err)
		}
		fmt.Fprintln(env.Stdout, string(printable.JSON(data)))
	}
	return nil
}
