// Command mcpd is the MCP server as a plain HTTP process, for containers. It is
// configured by its environment, which the stack writes (settings.ContainerEnv),
// and by two more variables:
//
//	LISTEN         address to listen on; default :8080
//	DRAIN_SECONDS  seconds to keep accepting requests after SIGTERM, 0 to 60; default 5
//
// On SIGTERM or Ctrl-C, /health returns 503 and running calls finish. A second
// signal ends the process at once.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the image has no other files; Lambda's system has the time zones on disk

	"serverless-mcp/internal/hosting/logs"
	"serverless-mcp/internal/hosting/mcpd"
	"serverless-mcp/tools"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // so that a second signal ends the process at once
	if err := mcpd.Run(ctx, os.Getenv, tools.All); err != nil {
		logs.New(os.Stdout, slog.LevelInfo).Error("mcpd failed", "error", err.Error())
		os.Exit(1)
	}
}
