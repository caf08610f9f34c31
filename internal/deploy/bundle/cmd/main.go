// Command cmd builds the Lambda functions into dist/, where the stack finds them, and
// compiles the CDK app. cdk.json runs it before every synthesis.
//
//	go run ./internal/deploy/bundle/cmd [-out dist] [-goos linux] [-goarch arm64] [name…]
//
// The default of -goarch is ARCHITECTURE of the environment or .env.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

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
	o, err := options(args, environ, stderr)
	if err != nil {
		return err
	}
	stop := bundle.Slow(func(elapsed time.Duration) { fmt.Fprintln(stderr, "functions:", bundle.SlowText(elapsed)) })
	err = bundle.Run(ctx, o)
	stop()
	if err != nil {
		return err
	}
	return compileApp(ctx, o.Root, stderr)
}

// compileApp compiles the packages of the CDK app in folder root. Otherwise "go run ." in
// cdk.json would compile them without output, for minutes the first time. It does not link
// the app, and takes a second if nothing has changed. It does nothing in a folder without
// an app.
func compileApp(ctx context.Context, root string, stderr io.Writer) error {
	if _, err := os.Stat(filepath.Join(root, "cdk.go")); err != nil {
		return nil
	}
	stop := bundle.Slow(func(elapsed time.Duration) { fmt.Fprintln(stderr, "CDK app:", bundle.SlowText(elapsed)) })
	defer stop()
	cmd := exec.CommandContext(ctx, "go", "list", "-export", "-f", "", ".")
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	if text := strings.TrimSpace(string(out)); err != nil && text != "" {
		return errors.New(text)
	}
	if err != nil {
		return fmt.Errorf("compile the CDK app: %w", err)
	}
	return nil
}

// options returns what the flags, the environment and .env select.
func options(args, environ []string, stderr io.Writer) (bundle.Options, error) {
	o := bundle.Options{Zip: true}
	flags := flag.NewFlagSet("build", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.Root, "root", ".", "folder of go.mod")
	flags.StringVar(&o.Out, "out", "dist", "folder of the results, relative to -root")
	flags.StringVar(&o.GOOS, "goos", "linux", "operating system to build for")
	flags.StringVar(&o.GOARCH, "goarch", "", "processor to build for (default: from ARCHITECTURE)")
	if err := flags.Parse(args); err != nil {
		return bundle.Options{}, err
	}
	o.Names = flags.Args()
	if o.GOARCH == "" {
		values, _, err := dotenv.Load(o.Root, environ)
		if values == nil {
			return bundle.Options{}, err
		}
		// The CDK app reports invalid lines and values. Some CDK commands, such as destroy,
		// must work despite them.
		s, _ := settings.Parse(values)
		o.GOARCH = bundle.GOARCH(s.Architecture)
	}
	return o, nil
}
