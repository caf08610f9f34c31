// Command mcpctl runs the server on this machine, builds it, calls it, and
// manages its keys and secrets. From any folder of the project:
//
//	go tool mcpctl help
//
// The commands are in packages below internal, by noun; package cli has what
// they share.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"serverless-mcp/cmd/mcpctl/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the process at once.
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:], &cli.Env{
		Dir: ".", Environ: os.Environ(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	})
	stop()
	os.Exit(code)
}

// run executes a command line and returns the exit code: 0, or 1 after it
// printed the error and, if one is known, a hint.
func run(ctx context.Context, args []string, env *cli.Env) int {
	root := newRoot(env)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		fmt.Fprintln(env.Stderr, "mcpctl: interrupted")
	default:
		env.Note("mcpctl: %v", err)
		if hint := cli.Hint(err); hint != "" {
			env.Note("%s", hint)
		}
	}
	return 1
}
