package settings

import (
	"maps"
	"strconv"
	"strings"
)

// FullCoreMB is the memory with which a Lambda function gets one full core.
// Processor time is proportional to memory.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
const FullCoreMB = 1769

// AddRuntime adds the Go runtime's limits to a Lambda function's environment.
//
// Go sees two cores even if the function's memory entitles it to a fraction of one. A
// second thread then only takes time from the first: with GOMAXPROCS unset, cold starts
// take about 1.2 times as long (BENCHMARKS.md).
func AddRuntime(env map[string]string, memoryMB int) {
	addLimits(env, memoryMB, FullCoreMB, memoryMB)
}

// addLimits adds the Go runtime's limits for a function or task with units/core processor
// cores. GOMAXPROCS is that number, rounded up. GOMEMLIMIT is 90 % of the memory, so that
// Go collects garbage more often before the process is killed.
func addLimits(env map[string]string, units, core, memoryMB int) {
	env["GOMAXPROCS"] = strconv.Itoa((units + core - 1) / core)
	env["GOMEMLIMIT"] = strconv.Itoa(memoryMB*9/10) + "MiB"
}

// AuthorizerEnv returns the authorizer function's environment. The arguments are
// the ids or ARNs of the two key secrets. Without a deployment key,
// defaultKeyARN is "" and its variable is omitted.
func (s Settings) AuthorizerEnv(defaultKeyARN, issuedKeysARN string) map[string]string {
	env := map[string]string{EnvIssuedKeysSecret: issuedKeysARN, EnvLogLevel: s.LogLevel}
	if defaultKeyARN != "" {
		env[EnvDefaultKeySecret] = defaultKeyARN
	}
	s.addMetricsEnv(env)
	return env
}

// MCPEnv returns the MCP function's environment. It includes the TOOL_* settings
// and, for each TOOL_SECRET_* setting, the ARN of the secret with its value.
func (s Settings) MCPEnv(toolSecretARNs map[string]string) map[string]string {
	env := map[string]string{
		EnvServerName:     s.ServerName,
		EnvLogLevel:       s.LogLevel,
		EnvAllowedOrigins: strings.Join(s.AllowedOrigins, ","),
	}
	s.Presentation.addTo(env)
	s.addSigninEnv(env)
	s.addMetricsEnv(env)
	maps.Copy(env, s.Tool)
	maps.Copy(env, toolSecretARNs)
	return env
}

// StandaloneEnv returns the environment of a server that has no authorizer in front of
// it and checks keys itself: the variables of the MCP function and of the authorizer,
// and [EnvBearerRoute].
func (s Settings) StandaloneEnv(toolSecretARNs map[string]string, defaultKeyARN, issuedKeysARN string) map[string]string {
	env := s.MCPEnv(toolSecretARNs)
	maps.Copy(env, s.AuthorizerEnv(defaultKeyARN, issuedKeysARN))
	if s.BearerRoute {
		env[EnvBearerRoute] = "true"
	}
	return env
}

// ToolSecretID returns the logical id of a TOOL_SECRET_* setting's secret:
// ToolSecretUpstreamToken for TOOL_SECRET_UPSTREAM_TOKEN.
func ToolSecretID(name string) string {
	var id strings.Builder
	for word := range strings.SplitSeq(name, "_") {
		if word != "" {
			id.WriteString(word[:1] + strings.ToLower(word[1:]))
		}
	}
	return id.String()
}
