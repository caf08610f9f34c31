package lambdahost

import (
	"path/filepath"
	"strconv"

	"serverless-mcp/internal/emulator/childproc"
)

// localAccount is the account id in ARNs: the one AWS uses in its examples.
const localAccount = "123456789012"

// environment returns all environment variables of a process: those that Lambda
// defines for an OS-only runtime ("Defined runtime environment variables") and
// the function's own, but none of this machine's. AWS_EXECUTION_ENV is absent,
// as on provided.al2023. api is the secret address of the Runtime API.
func environment(o Options, api, logStream string) []string {
	env := map[string]string{
		// Not reserved: the function's own value wins.
		"LANG": "en_US.UTF-8",
		"PATH": "/usr/local/bin:/usr/bin/:/bin:/opt/bin",
		"TZ":   ":UTC",
	}
	for name, value := range childproc.Environment() {
		env[name] = value
	}
	for name, value := range o.Env {
		env[name] = value
	}
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID":               "local",
		"AWS_DEFAULT_REGION":              o.Region,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(o.MemoryMB),
		"AWS_LAMBDA_FUNCTION_NAME":        o.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/" + o.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME":      logStream,
		"AWS_LAMBDA_RUNTIME_API":          api,
		"AWS_REGION":                      o.Region,
		"AWS_SECRET_ACCESS_KEY":           "local",
		"AWS_SESSION_TOKEN":               "local",
		"LAMBDA_RUNTIME_DIR":              "/var/runtime",
		"LAMBDA_TASK_ROOT":                filepath.Dir(o.Binary),
		"_HANDLER":                        "bootstrap",
	} {
		env[name] = value
	}
	list := make([]string, 0, len(env))
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	return list
}

// reserved reports whether Lambda rejects name in a function's configuration.
func reserved(name string) bool {
	switch name {
	case "_HANDLER", "_X_AMZN_TRACE_ID",
		"AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
		"AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
		"AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
		"AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
		"AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR":
		return true
	}
	return false
}
