// Command cmd builds the Lambda functions into dist/, which is what the stack
// deploys; cdk.json runs it before every synthesis.
//
//	go run ./internal/deploy/bundle/cmd [-out dist] [-goos linux] [-goarch arm64] [name…]
//
// The processor is ARCHITECTURE of the environment or .env unless -goarch says
// otherwise.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"serverless-mcp/internal/deploy/bundle"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/settings/dotenv"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Environ(), os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args, environ []string, stderr io.Writer) error {
	o := bundle.Options{Zip: true}
	flags := flag.NewFlagSet("build", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.Root, "root", ".", "folder of go.mod")
	flags.StringVar(&o.Out, "out", "dist", "folder of the results, relative to -root")
	flags.StringVar(&o.GOOS, "goos", "linux", "operating system to build for")
	flags.StringVar(&o.GOARCH, "goarch", "", "processor to build for (default: by ARCHITECTURE)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	o.Names = flags.Args()
	if o.GOARCH == "" {
		values, _, err := dotenv.Load(o.Root, environ)
		if values == nil {
			return err
		}
		// Problems with lines and values are left to the CDK app, which tells
		// all of them and knows which commands must work in spite of them.
		s, _ := settings.Parse(values)
		o.GOARCH = bundle.GOARCH(s.Architecture)
	}
	return bundle.Run(ctx, o)
}
