package awsfake

import "encoding/json"

// LambdaOptions describe the stand-in for the Lambda API. The zero value is an
// account in which everything succeeds.
type LambdaOptions struct {
	Options

	// Blocked lists runtimes that no call may name any more, neither one that
	// creates a function nor one that updates it: AWS after the block-update date.
	Blocked []string

	// Settle says what a change (Pending after a creation, InProgress after an
	// update) has become at the n-th look at it, counted from 1: "" is still under
	// way, "Successful" or "Failed". nil means Successful at the second look.
	Settle func(function LambdaConfig, look int) (status, reason string)

	// NoTags reports whether the caller lacks lambda:ListTags: then GetFunction
	// gives no tags and says why in TagsError, but succeeds all the same. nil
	// means that the caller has it.
	NoTags func() bool

	// Concurrency is how many functions the account runs at once; zero means 1000.
	Concurrency int

	// Answer is the code of every function. nil answers with the payload.
	Respond func(LambdaInvocation) LambdaResponse
}

// LambdaInvocation is a call of a function.
type LambdaInvocation struct {
	Function LambdaConfig // as it was when the version that runs was published
	Payload  []byte
}

// LambdaResponse is what a function said.
type LambdaResponse struct {
	Payload []byte
	Error   string // "Handled" or "Unhandled" when the function failed
	Log     string
}

// LambdaAlias is a name for a version.
type LambdaAlias struct {
	AliasArn        string
	Name            string
	FunctionVersion string
	Description     string
	RevisionId      string
	RoutingConfig   *LambdaRouting `json:",omitempty"`
}

// LambdaRouting sends a share of an alias's calls to another version.
type LambdaRouting struct{ AdditionalVersionWeights map[string]float64 }

// LambdaConfig is a function's configuration as the API returns it, as far as
// this project reads it.
type LambdaConfig struct {
	FunctionName           string
	FunctionArn            string
	Runtime                string `json:",omitempty"`
	Role                   string
	Handler                string `json:",omitempty"`
	CodeSize               int
	Description            string
	Timeout                int
	MemorySize             int
	LastModified           string
	CodeSha256             string
	Version                string
	RevisionId             string
	PackageType            string
	Architectures          []string
	State                  string             `json:",omitempty"`
	StateReason            string             `json:",omitempty"`
	LastUpdateStatus       string             `json:",omitempty"`
	LastUpdateStatusReason string             `json:",omitempty"`
	Environment            *LambdaEnvironment `json:",omitempty"`
	Layers                 []LambdaLayer      `json:",omitempty"`
	VpcConfig              json.RawMessage    `json:",omitempty"`
	TracingConfig          json.RawMessage    `json:",omitempty"`
	EphemeralStorage       json.RawMessage    `json:",omitempty"`
	LoggingConfig          json.RawMessage    `json:",omitempty"`
	KMSKeyArn              string             `json:",omitempty"`
	DurableConfig          json.RawMessage    `json:",omitempty"`
	CapacityProviderConfig json.RawMessage    `json:",omitempty"`
	TenancyConfig          json.RawMessage    `json:",omitempty"`
	FileSystemConfigs      json.RawMessage    `json:",omitempty"`
	MasterArn              string             `json:",omitempty"`
	SnapStart              *LambdaSnapStart   `json:",omitempty"`
	DeadLetterConfig       json.RawMessage    `json:",omitempty"`
}

// LambdaEnvironment holds a function's environment variables, or why AWS could
// not decrypt them for the caller.
type LambdaEnvironment struct {
	Variables map[string]string       `json:",omitempty"`
	Error     *LambdaEnvironmentError `json:",omitempty"`
}

// LambdaEnvironmentError is why environment variables could not be decrypted.
type LambdaEnvironmentError struct{ ErrorCode, Message string }

// LambdaSnapStart is whether versions start from a snapshot. Only versions are
// ever Optimized, so a version and $LATEST differ in the status.
type LambdaSnapStart struct{ ApplyOn, OptimizationStatus string }

// LambdaLayer is a layer that a function uses.
type LambdaLayer struct{ Arn string }

// LambdaFunction is a function to begin with.
type LambdaFunction struct {
	Config      LambdaConfig // FunctionName is required; the rest has defaults (nodejs18.x, Zip, Active)
	Code        []byte       // empty means "code of NAME"
	Tags        map[string]string
	Aliases     map[string]string // name to version; "$LATEST" or a version that Versions publishes
	Versions    int               // how many times it is published, each with other code before
	Concurrency *int              // reserved concurrency
	UpdateMode  string            // runtime management: Auto, FunctionUpdate or Manual; empty means Auto
}
