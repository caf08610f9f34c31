// Package tools replaces the project's tools in the scripts: two small tools with an enum
// argument, a number argument and a tool error.
package tools

import "serverless-mcp/internal/tool"

// All is everything that the server offers.
func All(cfg Config) tool.Set {
	cfg = cfg.withDefaults()
	return tool.Set{Tools: []tool.Tool{convert(), where(cfg)}}
}
