// Command mcpd is the MCP server as a plain HTTP process, for containers: the
// same tools, keys and guards as the functions have. It is configured by its
// environment, which the stack writes (see settings.ContainerEnv), and besides:
//
//	LISTEN         where to listen; :8080 without it
//	DRAIN_SECONDS  how long it goes on taking requests once it was asked to end; 5 without it
//
// SIGTERM and Ctrl-C ask it to end: /health says so, and the calls that are
// running finish. A second one ends it at once.
package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"serverless-mcp/internal/hosting/httpserver"
	"serverless-mcp/internal/hosting/keycheck"
	"serverless-mcp/internal/hosting/logs"
	"serverless-mcp/internal/hosting/serve"
	"serverless-mcp/internal/keys/keystore"
	"serverless-mcp/internal/settings"
	"serverless-mcp/tools"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	if err := run(ctx, os.Getenv); err != nil {
		logs.New(os.Stdout, logs.Level("")).Error("mcpd", "error", err.Error())
		os.Exit(1)
	}
}

// run serves until the context ends.
func run(ctx context.Context, getenv func(string) string) error {
	log := logs.New(os.Stdout, logs.Level(getenv("LOG_LEVEL")))
	drain, err := drainTime(getenv("DRAIN_SECONDS"))
	if err != nil {
		return err
	}
	aws, err := config.LoadDefaultConfig(ctx) // a task's credentials change while it runs
	if err != nil {
		return fmt.Errorf("read the AWS configuration: %w", err)
	}
	listener, err := net.Listen("tcp", cmp.Or(getenv("LISTEN"), ":"+strconv.Itoa(settings.ContainerPort)))
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	defer listener.Close()
	secrets := keystore.ClientOf(aws)
	sessions, err := newSessions(ctx, getenv, secrets, listener.Addr())
	if err != nil {
		return err
	}
	handler, err := serve.New(tools.All, serve.Options{
		Getenv: getenv, AWS: aws, Log: log, Streaming: true, CORS: true, Sessions: sessions,
		Authenticate: keycheck.New(ctx, getenv, secrets, log),
	})
	if err != nil {
		return err
	}
	// Whatever LOG_LEVEL leaves out: who had it listen on any free port learns
	// from this line which one it is.
	logs.New(os.Stdout, slog.LevelInfo).Info("listening", "address", listener.Addr().String())
	return httpserver.Serve(ctx, listener, httpserver.Options{
		Handler: handler, Log: log, HealthPath: settings.HealthPath, Idle: settings.BalancerIdleTimeout + 10*time.Second,
		Drain: drain, Stop: settings.StopTimeout - drain - 10*time.Second,
	})
}

// drainTime is none for 0, and the default where nothing is said.
func drainTime(seconds string) (time.Duration, error) {
	if seconds == "" {
		return 5 * time.Second, nil
	}
	n, err := strconv.Atoi(seconds)
	if err != nil || n < 0 || n > 60 {
		return 0, fmt.Errorf("configuration: DRAIN_SECONDS %q is not a whole number from 0 to 60", seconds)
	}
	if n == 0 {
		return -1, nil
	}
	return time.Duration(n) * time.Second, nil
}
