// Package mcpd runs the MCP server as a plain HTTP process, for containers, with
// the same tools, keys and guards as the functions.
package mcpd

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"

	"serverless-mcp/internal/hosting/httpserver"
	"serverless-mcp/internal/hosting/keycheck"
	"serverless-mcp/internal/hosting/logs"
	"serverless-mcp/internal/hosting/serve"
	"serverless-mcp/internal/keys/keystore"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/metrics"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/tool"
	"serverless-mcp/tools"
)

// Run serves the tools until ctx ends, then drains and returns, see [httpserver.Serve].
// The parameter all returns the tools: it is tools.All, except in tests. Run reads the
// environment variables that settings.ContainerEnv writes, settings.EnvListen and
// settings.EnvDrainSeconds.
func Run(ctx context.Context, getenv func(string) string, all func(tools.Config) tool.Set) error {
	log := logs.NewWithMetrics(os.Stdout, logs.Level(getenv(settings.EnvLogLevel)), metrics.FromEnv(getenv))
	drain, err := drainTime(getenv(settings.EnvDrainSeconds))
	if err != nil {
		return err
	}
	// Not awsenv: a task's credentials change while it runs. As with awsenv, the SDK logs nothing:
	// its lines would be plain text among JSON, and what fails is in the errors.
	aws, err := config.LoadDefaultConfig(ctx, config.WithLogger(logging.Nop{}))
	if err != nil {
		return fmt.Errorf("read the AWS configuration: %w", err)
	}
	listener, err := net.Listen("tcp", cmp.Or(getenv(settings.EnvListen), ":"+strconv.Itoa(settings.ContainerPort)))
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	defer listener.Close()
	secrets := keystore.NewClient(aws)
	limits, err := readBudgets(getenv)
	if err != nil {
		return err
	}
	sessions, err := newSessions(ctx, getenv, secrets, listener.Addr(), limits.bytes)
	if err != nil {
		return err
	}
	bearer := getenv(settings.EnvBearerRoute) == "true"
	o := serve.FromEnv(getenv)
	o.AWS, o.Log, o.Streaming, o.Sessions = aws, log, true, sessions
	o.JobsInCall = true
	limits.apply(&o)
	o.CORS = &mcphttp.CORS{Headers: settings.Settings{BearerRoute: bearer}.CORSHeaders(), MaxAge: settings.CORSMaxAge}
	keys := keycheck.Open(ctx, keystore.Options{
		Secrets: secrets, DefaultKey: getenv(settings.EnvDefaultKeySecret), IssuedKeys: getenv(settings.EnvIssuedKeysSecret), Log: log,
	}, bearer)
	o.Authenticate, o.Recheck = keys.Authenticate, keys.Recheck
	handler, err := serve.New(all, o)
	if err != nil {
		return err
	}
	// Logged whatever LOG_LEVEL is: a caller that set LISTEN to port 0 reads the
	// port from this line.
	logs.New(os.Stdout, slog.LevelInfo).Info("listening", "address", listener.Addr().String())
	return httpserver.Serve(ctx, listener, httpserver.Options{
		Handler: handler, Log: log, HealthPath: settings.HealthPath, Connections: limits.connections(), Idle: settings.BalancerIdleTimeout + 10*time.Second,
		Drain: drain, Stop: settings.StopTimeout - drain - 10*time.Second,
	})
}

// drainTime parses DRAIN_SECONDS for httpserver.Options.Drain, where a negative
// duration means none.
func drainTime(seconds string) (time.Duration, error) {
	if seconds == "" {
		return 5 * time.Second, nil
	}
	n, err := strconv.Atoi(seconds)
	if err != nil || n < 0 || n > 60 {
		return 0, fmt.Errorf("configuration: %s %q is not a whole number from 0 to 60", settings.EnvDrainSeconds, seconds)
	}
	if n == 0 {
		return -1, nil
	}
	return time.Duration(n) * time.Second, nil
}
