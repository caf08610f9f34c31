// Package settings declares every setting of the deployment: its name, default,
// valid values and purpose. The same table is used to check values ([Parse]) and
// to document them ([Example], in .env.example).
//
// The package reads neither files nor the environment;
// serverless-mcp/internal/settings/dotenv does that. It also holds constants of
// the API on which the stack and the local server must agree, such as
// [FunctionTimeout].
package settings

// Version is the version of this project, as clients show it and as mcpctl records it
// with changes of keys. It is a constant because functions are built without version
// control information: the same source must give the same bytes wherever it is checked
// out.
const Version = "0.1.0"

// NoKey is the value of API_KEY for no deployment key: only issued keys are accepted.
const NoKey = "none"

// Settings are the checked values of .env and the environment, as returned by
// [Parse]. The zero value is not usable.
type Settings struct {
	// ServerName is the server name that MCP clients see.
	ServerName string
	// Presentation holds what clients and the page show in addition to the name.
	Presentation Presentation
	// StackName is the CloudFormation stack's name without the stage.
	StackName string
	// Stage distinguishes several deployments in one account; empty is the main one.
	Stage string

	// Protect is "true", "false", or empty: see [Settings.Protected].
	Protect string

	// APIKey is the plaintext deployment key. It is empty if unset, and [NoKey] to
	// deploy none. It must never be in a template or a log.
	APIKey string
	// APIKeySHA256 is the key's SHA-256 as 64 lower-case hex digits, to deploy a
	// key without knowing it.
	APIKeySHA256 string

	// MemoryMB is the memory of each MCP function; processor time is proportional
	// to it.
	MemoryMB int
	// Architecture is arm64 or x86_64.
	Architecture string
	// ReservedConcurrency applies to each MCP function and to the job function; 0 means
	// unreserved.
	ReservedConcurrency int
	// Jobs adds the function and the table for tools that run up to [JobTimeout].
	Jobs bool

	// Shapes are the deployment shapes, in the order of [Shapes].
	Shapes []string
	// StreamTimeoutSeconds is the function's timeout in the shape stream.
	StreamTimeoutSeconds int
	// Container holds the settings of the shape container.
	Container Container

	// AuthorizerCacheSeconds is the TTL of an authorizer result; 0 disables the cache.
	AuthorizerCacheSeconds int
	// ThrottleRate is the rate limit in requests per second, shared by all callers.
	ThrottleRate int
	// ThrottleBurst is the size of the token bucket, shared by all callers.
	ThrottleBurst int
	// BearerRoute adds [Settings.BearerEndpoint].
	BearerRoute bool
	// KeyLimits adds the table that counts the calls of keys with limits.
	KeyLimits bool
	// PublicPage adds GET /, a page that needs no key.
	PublicPage bool
	// AllowedOrigins are the browser origins that may call; nil rejects every
	// request with an Origin header.
	AllowedOrigins []string
	// Domain holds the settings of a custom domain name.
	Domain Domain

	// Signin holds the settings of sign-in.
	Signin Signin

	// LogLevel is debug, info, warn or error.
	LogLevel string
	// LogRetentionDays is how long CloudWatch keeps the logs.
	LogRetentionDays int

	// Watch holds the settings of metrics, traces, alarms and the budget.
	Watch Watch

	// Tool holds the TOOL_* settings by their full names.
	Tool map[string]string
	// ToolSecrets holds the TOOL_SECRET_* settings by their full names. An empty
	// value declares a secret whose value is pushed later. Values must never be in
	// a template or a log.
	ToolSecrets map[string]string
}

// FullStackName returns the CloudFormation stack's name: STACK_NAME and STAGE.
func (s Settings) FullStackName() string {
	if s.Stage == "" {
		return s.StackName
	}
	return s.StackName + "-" + s.Stage
}

// Protected reports whether the stack has termination protection and keeps the
// IssuedKeys secret when it is deleted.
func (s Settings) Protected() bool {
	return s.Protect == "true" || s.Protect == "" && s.Stage == "prod"
}
