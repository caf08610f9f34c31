package doctor

import (
	"time"

	"serverless-mcp/internal/keys/apikey"
)

// Stack has facts about a deployed stack of this project. Each part may be
// missing, with an error that says why: the user may not be allowed to read it.
type Stack struct {
	Status string // of the stack, such as UPDATE_COMPLETE; empty if unknown
	// Unprotect is the command that turns termination protection off; empty if it
	// is off.
	Unprotect string

	Functions              []Function
	FunctionsErr           error
	IntegrationTimeoutsErr error // why the functions' IntegrationTimeout is unknown
	ErrorsErr              error // why the functions' Errors are unknown

	Keys    []apikey.Key // the issued keys
	KeysErr error

	ToolSecrets    []ToolSecret
	ToolSecretsErr error

	Concurrency    int // functions that the account runs at once, at most
	ConcurrencyErr error
}

// Function is a deployed function.
type Function struct {
	ID                 string // logical ID, such as Mcp
	LogGroup           string
	Timeout            time.Duration
	IntegrationTimeout time.Duration // how long the HTTP API waits for it; zero means that the API does not call it
	Errors             int           // calls of the last hour that failed
	SHA256             string        // of its code, in base64, as Lambda returns it
	// Built is the same hash of what this folder builds; empty if unknown.
	Built string
}

// ToolSecret is a secret of the tools.
type ToolSecret struct {
	Name string // such as TOOL_SECRET_TOKEN
	Set  bool   // whether it has a value
}
