package settings

import (
	"maps"
	"strconv"
	"strings"
)

// FullCoreMB is the memory size with which a Lambda function gets the time of
// one whole core; smaller ones get as much less, larger ones more.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
const FullCoreMB = 1769

// AddThreads adds to a Lambda function's environment how many threads run Go
// code at once: one for each core, or part of one, that its memory brings. Go
// sees two cores whatever the share, and a second thread then only takes from
// the first: without this, cold starts take about 1.2 times as long
// (BENCHMARKS.md).
func AddThreads(env map[string]string, memoryMB int) {
	env["GOMAXPROCS"] = strconv.Itoa((memoryMB + FullCoreMB - 1) / FullCoreMB)
}

// AuthorizerEnv is the authorizer function's environment. The arguments are
// the ids or ARNs of the two key secrets; a deployment without a default key
// passes "" and the variable is left out.
func (s Settings) AuthorizerEnv(defaultKeyARN, issuedKeysARN string) map[string]string {
	env := map[string]string{EnvIssuedKeysSecret: issuedKeysARN, EnvLogLevel: s.LogLevel}
	if defaultKeyARN != "" {
		env[EnvDefaultKeySecret] = defaultKeyARN
	}
	return env
}

// MCPEnv is the MCP function's environment: the TOOL_* settings as they are,
// and for each TOOL_SECRET_* the ARN of the secret that holds its value.
func (s Settings) MCPEnv(toolSecretARNs map[string]string) map[string]string {
	env := map[string]string{
		EnvServerName:     s.ServerName,
		EnvLogLevel:       s.LogLevel,
		EnvAllowedOrigins: strings.Join(s.AllowedOrigins, ","),
	}
	maps.Copy(env, s.Tool)
	maps.Copy(env, toolSecretARNs)
	return env
}

// StandaloneEnv is the environment of a server that checks keys itself, as no
// gateway with an authorizer stands in front of it: the MCP function's, with
// what the authorizer is told of the keys, and whether it takes bearer tokens.
func (s Settings) StandaloneEnv(toolSecretARNs map[string]string, defaultKeyARN, issuedKeysARN string) map[string]string {
	env := s.MCPEnv(toolSecretARNs)
	maps.Copy(env, s.AuthorizerEnv(defaultKeyARN, issuedKeysARN))
	if s.BearerRoute {
		env[EnvBearerRoute] = "true"
	}
	return env
}

// ToolSecretID is the logical id of the secret that a TOOL_SECRET_* setting
// declares: ToolSecretUpstreamToken for TOOL_SECRET_UPSTREAM_TOKEN.
func ToolSecretID(name string) string {
	var id strings.Builder
	for word := range strings.SplitSeq(name, "_") {
		if word != "" {
			id.WriteString(word[:1] + strings.ToLower(word[1:]))
		}
	}
	return id.String()
}
