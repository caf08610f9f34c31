// Package local is the deployed system on this machine: the unmodified
// functions as child processes, behind a gateway that does what HTTP API v2
// does, or a Function URL; the tasks of a container behind a load balancer; and
// Secrets Manager on a loopback port.
//
// What is to run is a [Topology]. mcpctl local makes it from the settings
// ([FromSettings]), the end-to-end tests from the synthesised template
// ([FromTemplate]), and they check that both agree. [Start] runs it. [State]
// tells other processes where it runs.
package local

import (
	"time"
)

// Topology is what is deployed, as far as it decides how a request is
// answered. Resources are known by their logical ids in the template.
type Topology struct {
	Functions   map[string]Function
	Secrets     map[string]Secret
	Routes      []Route               // in the order of their paths and methods
	Authorizers map[string]Authorizer // by name
	CORS        CORS
	Throttle    Throttle
	Timeout     time.Duration // how long the gateway waits for a function
	URL         FunctionURL
	Container   Container
}

// Function is a Lambda function.
type Function struct {
	Package     string            // its folder below functions/
	Env         map[string]string // its own variables; secrets are named by [SecretName]
	MemoryMB    int
	Timeout     time.Duration
	Concurrency int // instances at most; zero means no limit of its own
}

// Secret is a secret as it is declared.
type Secret struct {
	Value     string // empty means that it has no version
	Generated bool   // Secrets Manager makes a value up
}

// Route leads from a method and a path to a function.
type Route struct {
	Method, Path string
	Function     string   // logical id
	Authorizer   string   // name of the one that it is behind; empty means that it is open
	Throttle     Throttle // of its own, instead of the one that routes share; zero means none
}

// Authorizer is a Lambda authorizer, for all routes that name it.
type Authorizer struct {
	Function       string // logical id
	IdentitySource []string
	TTL            time.Duration // how long authorizer results are kept; zero asks each time
}

// CORS is the gateway's response to browsers; the zero value is none.
type CORS struct {
	AllowOrigins, AllowMethods, AllowHeaders []string
	MaxAge                                   time.Duration
}

// Throttle bounds all callers together; the zero value is no bound.
type Throttle struct {
	Rate  float64
	Burst int
}

// FunctionURL is the address of a function of its own, without a gateway, and
// with answers that stream; the zero value is none.
type FunctionURL struct {
	Function string // logical id
	CORS     CORS
}

// SecretName is the name under which a declared secret is found here: its
// logical id. On AWS the functions are told its ARN instead; both serve.
func SecretName(logicalID string) string { return logicalID }
