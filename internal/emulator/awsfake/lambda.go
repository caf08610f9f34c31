package awsfake

import "encoding/json"

// LambdaOptions configure the fake Lambda API. With the zero value all calls
// succeed.
type LambdaOptions struct {
	Options

	// Blocked lists runtimes after their block-update date: creating a function with
	// one, and updating a function to one, is an error.
	Blocked []string

	// Settle returns the state of a change (Pending after a creation, InProgress
	// after an update) at the n-th read, counted from 1: "" is still in progress,
	// "Successful" or "Failed". Nil means Successful at the second read.
	Settle func(function LambdaConfig, read int) (status, reason string)

	// NoTags reports whether the caller lacks lambda:ListTags. GetFunction then
	// succeeds with a TagsError instead of the tags. Nil means that the caller has
	// the permission.
	NoTags func() bool

	// Concurrency is the account's limit of concurrent executions; zero means 1000.
	Concurrency int

	// Respond is the code of every function. Nil means that functions return their payload.
	Respond func(LambdaInvocation) LambdaResponse
}

// LambdaInvocation is an invocation of a function.
type LambdaInvocation struct {
	Function LambdaConfig // configuration of the version that runs
	Payload  []byte
}

// LambdaResponse is the response of a function.
type LambdaResponse struct {
	Payload []byte
	Error   string // "Handled" or "Unhandled" if the function failed
	Log     string
}

// LambdaAlias is an alias of a function.
type LambdaAlias struct {
	AliasArn        string
	Name            string
	FunctionVersion string
	Description     string
	RevisionId      string
	RoutingConfig   *LambdaRouting `json:",omitempty"`
}

// LambdaRouting sends a share of an alias's invocations to other versions.
type LambdaRouting struct{ AdditionalVersionWeights map[string]float64 }

// LambdaConfig is a function's configuration in the API's form, with the fields that
// this project reads.
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

// LambdaEnvironment has a function's environment variables, or the error of
// decrypting them for the caller.
type LambdaEnvironment struct {
	Variables map[string]string       `json:",omitempty"`
	Error     *LambdaEnvironmentError `json:",omitempty"`
}

// LambdaEnvironmentError is the error of decrypting environment variables.
type LambdaEnvironmentError struct{ ErrorCode, Message string }

// LambdaSnapStart is the SnapStart setting. The status is On for versions only, so a
// version and $LATEST differ in it.
type LambdaSnapStart struct{ ApplyOn, OptimizationStatus string }

// LambdaLayer is a layer of a function.
type LambdaLayer struct{ Arn string }

// LambdaFunction declares a function for [NewLambda] and [Lambda.Add].
type LambdaFunction struct {
	Config      LambdaConfig // FunctionName is required; the rest has defaults (nodejs18.x, Zip, Active)
	Code        []byte       // empty means "code of NAME"
	Tags        map[string]string
	Aliases     map[string]string // name to version; "$LATEST" or a version that Versions publishes
	Versions    int               // number of published versions, each with different code
	Concurrency *int              // reserved concurrency
	Provisioned map[string]int    // provisioned concurrency by version or alias
	Sources     []string          // event source mappings, as the qualifier that each invokes; "" means $LATEST
	UpdateMode  string            // runtime management: Auto, FunctionUpdate or Manual; empty means Auto
}
