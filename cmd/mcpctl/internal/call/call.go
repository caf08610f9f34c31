package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/spf13/cobra"

	"serverless-mcp/internal/clients/mcpclient"
)

// errToolRefused is the exit code of a tool's refusal, whose words are the
// result.
var errToolRefused = errors.New("the tool refused")

func newCall(p *program) *cobra.Command {
	var t target
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "call TOOL [NAME=VALUE...]",
		Short: "Call a tool and print its answer",
		Long: `Call a tool and print its answer.

Values are typed by the tool's schema. Lists and objects are written as JSON; a
list also by giving its name several times.`,
		Example: `  go tool mcpctl call get_weather city=Paris
  go tool mcpctl call calculate operation=divide a=1 b=3 --json`,
		Args: needTool,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return p.completeCall(cmd.Context(), t, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := p.connect(cmd.Context(), t)
			if err != nil {
				return err
			}
			defer c.Close()
			tool, err := c.Tool(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			arguments, err := mcpclient.Arguments(tool, args[1:])
			if err != nil {
				return err
			}
			result, err := c.Call(cmd.Context(), tool.Name, arguments)
			if err != nil {
				return err
			}
			return p.printResult(result, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the whole result as the server sent it")
	t.flags(cmd)
	return cmd
}

func needTool(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return errors.New("which tool? mcpctl tools lists them")
	}
	return nil
}

// printResult prints the structured content, which is for programs, or else
// the texts.
func (p *program) printResult(result *mcp.CallToolResult, asJSON bool) error {
	var err error
	switch {
	case asJSON:
		err = p.printJSON(result)
	case result.StructuredContent != nil && !result.IsError:
		err = p.printJSON(result.StructuredContent)
	default:
		err = p.printContent(result.Content)
	}
	if err == nil && result.IsError {
		return errToolRefused
	}
	return err
}

func (p *program) printContent(content []mcp.Content) error {
	for _, c := range content {
		if text, ok := c.(mcp.TextContent); ok {
			fmt.Fprintln(p.stdout, text.Text)
			continue
		}
		data, err := json.Marshal(c)
		if err != nil {
			return fmt.Errorf("print the answer: %w", err)
		}
		fmt.Fprintln(p.stdout, string(data))
	}
	return nil
}
