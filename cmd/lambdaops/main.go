// Lambdaops is a local MCP server for looking after Lambda functions: it finds
// those on deprecated runtimes and upgrades them safely. It speaks over standard
// input and output, with the AWS credentials of whoever starts it; see
// docs/lambda-ops.md.
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
	// Standard output is the protocol's. Whatever a library prints goes elsewhere.
	stdout := os.Stdout
	os.Stdout = os.Stderr

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the first signal ends what is under way in order, the second at once
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdin, stdout, os.Stderr)
	if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "lambdaops:", err)
		os.Exit(1)
	}
}
