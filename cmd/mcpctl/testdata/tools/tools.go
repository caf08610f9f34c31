// Package tools is what the project of the scripts offers, whatever the one
// around it does: two small tools, with an argument that is a word out of a
// list, one that is a number, and a refusal.
package tools

import "serverless-mcp/internal/tool"

// All is everything that the server offers.
func All(cfg Config) tool.Set {
	cfg = cfg.withDefaults()
	return tool.Set{Tools: []tool.Tool{convert(), where(cfg)}}
}
