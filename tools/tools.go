// Package tools holds the tools of the server. It is the folder to edit: one file
// for each tool, with its resource, template or prompt, and one line for each in
// [All].
//
// A tool gets everything it needs from [Config]: settings, secrets, the time. It
// does not read the environment, so that tests can set everything.
package tools

import "serverless-mcp/internal/tool"

// All returns everything that the server offers.
func All(cfg Config) tool.Set {
	cfg = cfg.withDefaults()
	set := tool.Set{
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
	if cfg.Setting("TOOL_SAMPLE_JOB") == "true" {
		set.Tools = append(set.Tools, countPrimes(cfg)) // a job: see docs/jobs.md
	}
	return set
}
