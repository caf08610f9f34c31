// Package settings knows every setting of the deployment: its name, its
// default, what values it takes and what it is for. From one table come the
// check ([Parse]) and the documentation ([Example], kept in .env.example).
//
// The package is pure: values go in, a [Settings] comes out. It reads neither
// files nor the environment; serverless-mcp/internal/settings/dotenv does
// that. It also holds the numbers of the API that nobody sets but that both
// the stack and the local run must agree on, see [FunctionTimeout].
package settings

// NoKey as API_KEY means: deploy no deployment key at all, only issued keys
// open the endpoint.
const NoKey = "none"

// Settings are the checked values of .env and the environment. [Parse] makes
// them; the zero value is not usable.
type Settings struct {
	// ServerName is the name that MCP clients are told.
	ServerName string
	// StackName is the CloudFormation stack's name without the stage.
	StackName string
	// Stage tells several deployments in one account apart; empty is the main one.
	Stage string

	// Protect is "true", "false", or empty: see [Settings.Protected].
	Protect string

	// APIKey is the plaintext deployment key, empty when none was chosen and
	// [NoKey] when there shall be none. It must never reach a template or a log.
	APIKey string
	// APIKeySHA256 is the key's SHA-256 as 64 lower-case hex digits, set by
	// those who deploy a key without knowing it.
	APIKeySHA256 string

	// MemoryMB is the MCP function's memory; processor time grows with it.
	MemoryMB int
	// Architecture is arm64 or x86_64.
	Architecture string
	// ReservedConcurrency caps the instances of each MCP function; 0 leaves it unreserved.
	ReservedConcurrency int

	// Shapes are the ways in which the server is put up, in the order of [Shapes].
	Shapes []string
	// StreamTimeoutSeconds is how long a call may take in the shape stream.
	StreamTimeoutSeconds int
	// Container is about the shape container only.
	Container Container

	// AuthorizerCacheSeconds is how long the gateway keeps a verdict; 0 asks every time.
	AuthorizerCacheSeconds int
	// ThrottleRate is the steady number of requests a second, all callers together.
	ThrottleRate int
	// ThrottleBurst is how many requests may come at once.
	ThrottleBurst int
	// BearerRoute adds the endpoint /bearer/mcp, which takes the key as a bearer token.
	BearerRoute bool
	// PublicPage adds GET /, a page for people that needs no key.
	PublicPage bool
	// AllowedOrigins are the browser origins that may call; nil refuses every
	// request that carries an Origin.
	AllowedOrigins []string

	// LogLevel is debug, info, warn or error.
	LogLevel string
	// LogRetentionDays is how long CloudWatch keeps the logs.
	LogRetentionDays int

	// Tool holds the TOOL_* settings by their full names.
	Tool map[string]string
	// ToolSecrets holds the TOOL_SECRET_* settings by their full names. A
	// secret may be named with an empty value: it is declared, its value comes
	// later. Values must never reach a template or a log.
	ToolSecrets map[string]string
}

// FullStackName is the stack's name with its stage, as CloudFormation sees it.
func (s Settings) FullStackName() string {
	if s.Stage == "" {
		return s.StackName
	}
	return s.StackName + "-" + s.Stage
}

// Protected reports whether the stack is to be safe from a slip of the hand:
// it cannot be deleted before that is allowed, and the issued keys outlive it.
func (s Settings) Protected() bool {
	return s.Protect == "true" || s.Protect == "" && s.Stage == "prod"
}
