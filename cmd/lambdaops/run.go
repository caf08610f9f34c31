package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/lambdaops"
	"serverless-mcp/internal/lambdaops/journal"
	"serverless-mcp/internal/lambdaops/retry"
	"serverless-mcp/internal/lambdaops/runtimes"
	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/tool"
)

type options struct {
	region, profile string
	readOnly        bool
	state           string
	page            string
	updateTimeout   time.Duration
}

// flags returns the program's flags, which set o.
func flags(o *options, output io.Writer) *flag.FlagSet {
	f := flag.NewFlagSet("lambdaops", flag.ContinueOnError)
	f.SetOutput(output)
	f.StringVar(&o.region, "region", "", "AWS `region`; empty means the profile's or AWS_REGION")
	f.StringVar(&o.profile, "profile", "", "`profile` of the AWS configuration; empty means AWS_PROFILE or the default")
	f.BoolVar(&o.readOnly, "read-only", false, "offer only tools that change nothing")
	f.StringVar(&o.state, "state-dir", "", "`directory` of the journals of upgrades, made accessible to this user only; empty means the user's state directory")
	f.StringVar(&o.page, "runtimes-page", runtimes.Page, "`URL` of AWS's page of runtimes, or of a mirror; none means the built-in table")
	f.DurationVar(&o.updateTimeout, "update-timeout", 5*time.Minute, "maximum time to wait for a Lambda create or update to finish")
	return f
}

func parse(args []string, getenv func(string) string, stderr io.Writer) (options, error) {
	var o options
	f := flags(&o, stderr)
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("configuration: unexpected argument %q; only flags are accepted", f.Arg(0))
	}
	if o.updateTimeout < time.Second {
		return o, fmt.Errorf("configuration: --update-timeout %v is less than a second", o.updateTimeout)
	}
	if o.state == "" {
		o.state = stateDir(runtime.GOOS, getenv)
	}
	if o.state == "" {
		return o, errors.New("configuration: no home directory for the journals; pass --state-dir")
	}
	return o, nil
}

// stateDir returns the operating system's directory for the state of programs.
func stateDir(goos string, getenv func(string) string) string {
	base, below := getenv("XDG_STATE_HOME"), ""
	switch {
	case goos == "windows":
		base = getenv("LocalAppData")
	case goos == "darwin":
		base, below = getenv("HOME"), "Library/Application Support"
	case !filepath.IsAbs(base): // as the XDG specification requires
		base, below = getenv("HOME"), ".local/state"
	}
	if base == "" {
		return ""
	}
	return filepath.Join(base, below, "lambdaops")
}

func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	o, err := parse(args, getenv, stderr)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	ops, err := newOps(ctx, o)
	if err != nil {
		return err
	}
	for _, line := range ops.Interrupted() {
		log.Warn(line)
	}
	s, err := mcpserver.New(mcpserver.Options{
		Name: "lambda-ops", Version: version(), Instructions: ops.Instructions(), Log: log,
	}, ops.Set())
	if err != nil {
		return err
	}
	stdio := server.NewStdioServer(s)
	// The program acts for the user who starts it, within that user's AWS permissions.
	stdio.SetContextFunc(func(ctx context.Context) context.Context {
		return tool.WithPrincipal(ctx, apikey.Principal{KeyID: "local user"})
	})
	stdio.SetErrorLogger(slog.NewLogLogger(log.Handler(), slog.LevelError))
	return stdio.Listen(ctx, stdin, stdout)
}

func newOps(ctx context.Context, o options) (*lambdaops.Ops, error) {
	load := []func(*config.LoadOptions) error{config.WithRetryer(func() aws.Retryer { return retry.New() })}
	if o.region != "" {
		load = append(load, config.WithRegion(o.region))
	}
	if o.profile != "" {
		load = append(load, config.WithSharedConfigProfile(o.profile))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, fmt.Errorf("read the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		return nil, errors.New("configuration: no region; pass --region or set AWS_REGION")
	}
	if err := journal.SecureState(o.state, operationsDir, runtimesFile, runtimesFile+".new"); err != nil {
		return nil, err
	}
	journals := journal.Dir{Path: filepath.Join(o.state, operationsDir)}
	if err := journals.Secure(); err != nil {
		return nil, err
	}
	reader, err := runtimes.NewReader(page(o))
	if err != nil {
		return nil, err
	}
	return lambdaops.New(lambdaops.Options{
		Lambda: lambda.NewFromConfig(cfg), Runtimes: reader, ReadOnly: o.readOnly, UpdateTimeout: o.updateTimeout,
		Journal: journals,
	}), nil
}

// The entries of the state directory.
const (
	operationsDir = "operations"
	runtimesFile  = "runtimes.json"
)

func page(o options) runtimes.Options {
	if o.page == "none" {
		return runtimes.Options{HTTP: &http.Client{Transport: offline{}}}
	}
	return runtimes.Options{URL: o.page, Cache: filepath.Join(o.state, runtimesFile)}
}

// offline is a transport that rejects every request.
type offline struct{}

func (offline) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("--runtimes-page is none")
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return ""
}
