package settings

import (
	"maps"
	"time"
)

// Constants of jobs on which the stack, the functions and the local server must agree.
const (
	// JobTimeout is the timeout of the job function, the longest of Lambda.
	JobTimeout = 15 * time.Minute
	// JobID and JobsTableID are the logical ids of the job function and the table.
	JobID       = "Job"
	JobsTableID = "Jobs"
	// JobsTableKey is the table's partition key, a string, and JobsTableTTL the attribute
	// with the time of expiry.
	JobsTableKey = "id"
	JobsTableTTL = "expires"
)

func jobSettings() []setting {
	return []setting{
		{
			name: "JOBS", fallback: "false",
			help: "true lets tools made with tool.NewJob run for up to 15 minutes, instead of the gateway's 30 seconds, in a separate\n" +
				"function with a DynamoDB table. They cost nothing while there are no jobs. mcpctl local needs no setting.",
			set: func(s *Settings, v string) error { return setBool(&s.Jobs, v) },
		},
	}
}

// JobEnv returns the job function's environment: the MCP function's environment without
// the variables for clients, and the name of the table.
func (s Settings) JobEnv(toolSecretARNs map[string]string, table string) map[string]string {
	env := map[string]string{EnvServerName: s.ServerName, EnvLogLevel: s.LogLevel, EnvJobsTable: table}
	maps.Copy(env, s.Tool)
	maps.Copy(env, toolSecretARNs)
	s.addMetricsEnv(env)
	return env
}
