package local

import (
	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/settings"
)

// addJobs adds the table and the function for jobs, and their names to each server.
func (t *Topology) addJobs(s settings.Settings, toolSecrets map[string]string) {
	if !s.Jobs {
		return
	}
	t.declare(settings.JobsTableID, awsfake.Table{
		Name: TableName(settings.JobsTableID), TTL: settings.JobsTableTTL,
		Key: awsfake.Key{Partition: awsfake.KeyAttribute{Name: settings.JobsTableKey, Type: "S"}},
	})
	t.Functions[settings.JobID] = Function{
		Package: packageOf(settings.JobID), Env: s.JobEnv(toolSecrets, TableName(settings.JobsTableID)),
		MemoryMB: s.MemoryMB, Timeout: settings.JobTimeout, Concurrency: s.ReservedConcurrency,
	}
	servers := []map[string]string{t.Container.Env}
	for _, id := range []string{MCPID, MCPStreamID} {
		servers = append(servers, t.Functions[id].Env)
	}
	for _, env := range servers {
		if env != nil {
			env[settings.EnvJobsTable], env[settings.EnvJobFunction] = TableName(settings.JobsTableID), settings.JobID
		}
	}
}
