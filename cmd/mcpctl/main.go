// Command mcpctl runs the server on this machine, builds it, talks to it, and
// looks after its keys and secrets. From any folder of the project:
//
//	go tool mcpctl help
//
// Results go to standard output, everything else to standard error, so that
// the output of one command can be the input of another.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the process at once, whatever it is waiting for.
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:], program{
		dir: ".", environ: os.Environ(), stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
	})
	stop()
	os.Exit(code)
}

// A program is what a command sees of the process it runs in.
type program struct {
	dir            string   // where it was started
	environ        []string // NAME=value
	stdin          io.Reader
	stdout, stderr io.Writer
	clock          clock // zero means this machine's
}

// run executes a command line and returns the exit code: 0, or 1 after telling
// what went wrong and, where it is known, what to do.
func run(ctx context.Context, args []string, p program) int {
	root := newRoot(&p)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		fmt.Fprintln(p.stderr, "mcpctl: interrupted")
	default:
		fmt.Fprintln(p.stderr, "mcpctl:", err)
		if hint := hintFor(err); hint != "" {
			fmt.Fprintln(p.stderr, hint)
		}
	}
	return 1
}

// note tells the user something that is no result.
func (p *program) note(format string, args ...any) {
	fmt.Fprintf(p.stderr, format+"\n", args...)
}

// getenv returns a variable of the environment, "" where it is not set.
func (p *program) getenv(name string) string {
	for i := len(p.environ) - 1; i >= 0; i-- { // as for a child process, the last one counts
		if len(p.environ[i]) > len(name) && p.environ[i][len(name)] == '=' && p.environ[i][:len(name)] == name {
			return p.environ[i][len(name)+1:]
		}
	}
	return ""
}
