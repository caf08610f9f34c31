// Package local runs the deployed system on this machine: the unmodified functions
// as child processes behind an emulated HTTP API v2 or Function URL, the tasks of the
// container behind a load balancer, a fake Secrets Manager and, if a setting needs
// tables, a fake DynamoDB.
//
// A [Topology] describes the system. mcpctl local creates it from the settings
// ([FromSettings]), the end-to-end tests create it from the synthesized template
// ([FromTemplate]) and compare the two. [Start] runs it, and [State] describes the
// running system to other processes. docs/local-security.md lists all listeners and how
// they are protected.
package local

import (
	"time"

	"serverless-mcp/internal/emulator/awsfake"
)

// Topology is the part of a deployment that affects requests. Resources have their
// logical ids of the template.
type Topology struct {
	Functions   map[string]Function
	Secrets     map[string]Secret
	Tables      map[string]awsfake.Table // nil if no setting needs one
	Routes      []Route                  // sorted by path and method
	Authorizers map[string]Authorizer    // by name
	CORS        CORS
	Throttle    Throttle
	Timeout     time.Duration // the gateway's integration timeout
	Domain      string        // custom domain name of the gateway; empty means none
	OnlyDomain  bool          // the gateway rejects requests to other hosts than Domain
	URL         FunctionURL
	Container   Container
}

// Function is a Lambda function.
type Function struct {
	Package     string            // its folder below functions/
	Env         map[string]string // its own variables, with secrets by their [SecretName]
	MemoryMB    int
	Timeout     time.Duration
	Concurrency int // maximum number of instances; zero means unreserved
}

// Secret is a declared secret.
type Secret struct {
	Value     string // empty means no version
	Generated bool   // Secrets Manager generates the value
}

// Route maps a method and a path to a function.
type Route struct {
	Method, Path string
	Function     string   // logical id
	Authorizer   string   // its authorizer's name; empty means that the route is public
	Throttle     Throttle // the route's own throttle; zero means that the shared one applies
}

// Authorizer is a Lambda authorizer, which routes refer to by name.
type Authorizer struct {
	Function       string // logical id
	IdentitySource []string
	TTL            time.Duration // how long results are cached; zero means no caching
}

// CORS is a CORS configuration; the zero value means none.
type CORS struct {
	AllowOrigins, AllowMethods, AllowHeaders []string
	MaxAge                                   time.Duration
}

// Throttle limits all callers together; the zero value means no limit.
type Throttle struct {
	Rate  float64
	Burst int
}

// FunctionURL is a streaming Lambda Function URL; the zero value means none.
type FunctionURL struct {
	Function string // logical id
	CORS     CORS
}

// SecretName returns the name of a declared secret in the local Secrets Manager: its
// logical id. On AWS the functions get its ARN; either works in GetSecretValue.
func SecretName(logicalID string) string { return logicalID }
