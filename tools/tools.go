// Package tools is what the server offers, and the folder to edit: one file a
// tool, with the resource, template or prompt that goes with it, and one line
// for each in [All].
//
// A tool gets everything it needs from [Config]: settings, secrets, the time.
// It reads no environment itself, so that a test can give it any.
package tools

import "serverless-mcp/internal/tool"

// All is everything that the server offers.
func All(cfg Config) tool.Set {
	cfg = cfg.withDefaults()
	return tool.Set{
		Tools: []tool.Tool{
			calculate(),
			getServerStatus(cfg),
			getWeather(cfg),
			lookupUser(cfg),
		},
		Resources: []tool.Resource{serverStatusResource(cfg)},
		Templates: []tool.Template{userTemplate(cfg)},
		Prompts:   []tool.Prompt{weatherReport()},
	}
}
