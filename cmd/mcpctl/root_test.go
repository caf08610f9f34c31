package main

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
)

// Each example begins with the command that it explains, as a user types it.
func TestEveryCommandHasAnExample(t *testing.T) {
	root := newRoot(&cli.Env{Dir: t.TempDir(), Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard})
	checked := 0
	var check func(cmd *cobra.Command)
	check = func(cmd *cobra.Command) {
		for _, sub := range cmd.Commands() {
			check(sub)
		}
		if cmd == root {
			return
		}
		checked++
		if want := "go tool " + cmd.CommandPath(); !strings.Contains(cmd.Example, want) {
			t.Errorf("%s: the example does not contain %q:\n%s", cmd.CommandPath(), want, cmd.Example)
		}
	}
	check(root)
	if checked < 20 {
		t.Errorf("only %d commands were checked", checked)
	}
}

// A command that rejects its arguments prints its usage, but not the arguments: one may be
// a pasted key.
func TestRejectedArgumentsAreNotRepeated(t *testing.T) {
	pasted := slices.Repeat([]string{"mcp_main_pasted"}, 40)
	rejected := 0
	var check func(cmd *cobra.Command)
	check = func(cmd *cobra.Command) {
		for _, sub := range cmd.Commands() {
			check(sub)
		}
		if cmd.HasSubCommands() || cmd.Args == nil {
			return
		}
		err := cmd.Args(cmd, pasted)
		if err == nil {
			return
		}
		rejected++
		if strings.Contains(err.Error(), "pasted") || !strings.Contains(err.Error(), "need ") && !strings.Contains(err.Error(), "takes no arguments; see "+cmd.CommandPath()+" --help") {
			t.Errorf("%s: %v", cmd.CommandPath(), err)
		}
	}
	check(newRoot(&cli.Env{Dir: t.TempDir(), Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard}))
	if rejected < 20 {
		t.Errorf("only %d commands rejected the arguments", rejected)
	}
}
