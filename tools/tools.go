// Package tools is what the server offers: one file a tool.
package tools

import (
	"context"
	"time"

	"serverless-mcp/internal/tool"
)

// Config is what tools may use of their surroundings.
type Config struct {
	Setting func(name string) string                               // a TOOL_* setting; nil means none is set
	Secret  func(ctx context.Context, name string) (string, error) // a TOOL_SECRET_* secret; nil means there is none
	Now     func() time.Time                                       // nil means time.Now
	Runtime Runtime                                                // where the server runs; the zero value is a plain process
}

// Runtime is where the server runs. On Lambda all of it is known.
type Runtime struct {
	Region      string       // such as eu-central-1
	Function    string       // the function's name
	Version     string       // the function's version, such as $LATEST
	LogStream   string       // where this instance logs
	Started     time.Time    // when this instance started; zero means when All was called
	Invocations func() int64 // calls that this instance has had; nil means unknown
}

// All is everything the server offers: one line a tool.
func All(cfg Config) tool.Set {
	return tool.Set{}
}
