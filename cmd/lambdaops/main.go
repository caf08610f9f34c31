// Lambdaops is a local MCP server that finds Lambda functions on deprecated runtimes
// and upgrades them safely. It communicates over standard input and output and uses the
// AWS credentials of the user who starts it; see docs/lambda-ops.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	// Standard output carries the protocol, so output of libraries goes to standard error.
	stdout := os.Stdout
	os.Stdout = os.Stderr

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the first signal stops after a rollback, the second at once
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdin, stdout, os.Stderr)
	if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "lambdaops:", err)
		os.Exit(1)
	}
}
