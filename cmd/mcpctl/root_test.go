package main

import (
	"io"
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
