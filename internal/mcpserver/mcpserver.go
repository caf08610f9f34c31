// Package mcpserver makes an MCP server from tools, resources and prompts.
package mcpserver

import (
	"log/slog"
	"time"

	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/tool"
)

// Options say who the server is and where it logs.
type Options struct {
	Name         string           // the server's name, as clients show it; required
	Version      string           // empty means "dev"
	Instructions string           // for the model, about the server as a whole; may be empty
	Log          *slog.Logger     // nil means no log
	Now          func() time.Time // nil means time.Now
}

// New makes the server.
func New(o Options, set tool.Set) (*server.MCPServer, error) {
	s := server.NewMCPServer(o.Name, o.Version)
	for _, t := range set.Tools {
		s.AddTool(t.Definition(), t.Handle)
	}
	return s, nil
}
