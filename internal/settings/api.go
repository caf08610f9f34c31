package settings

import "time"

// Limits of the API. HTTP API v2 ends an integration after 30 s with a bare
// 503, so the function must end first and respond itself. mcpctl local and the
// stack take the same values from here.
const (
	// GatewayTimeout is the integration's timeout, the longest of HTTP API v2.
	GatewayTimeout = 30 * time.Second
	// FunctionTimeout is the MCP function's timeout, below [GatewayTimeout].
	FunctionTimeout = 29 * time.Second
	// AuthorizerTimeout is the authorizer's timeout; HTTP API v2 waits for 10 s.
	AuthorizerTimeout = 5 * time.Second
	// AuthorizerMemoryMB is the authorizer's memory. It only looks keys up in a
	// map, but its cold start loads the AWS SDK, and processor time is
	// proportional to memory.
	AuthorizerMemoryMB = 256
	// CORSMaxAge is how long a browser may cache a preflight response.
	CORSMaxAge = time.Hour
)

// IdentitySource is the header with the key. HTTP API v2 rejects a request that lacks one
// of an authorizer's identity sources, so there is exactly one.
const IdentitySource = "$request.header.x-api-key"

// Paths returns the routes' paths. A route key may not end in a slash: the second one
// serves /mcp/.
func Paths() []string { return []string{"/mcp", "/mcp/{proxy+}"} }

// Methods returns the routes' HTTP methods. They are listed, since with ANY a
// browser's preflight request would reach the authorizer and get 401.
func Methods() []string { return []string{"POST", "GET", "DELETE"} }

// An Endpoint is a set of routes whose requests carry the key in the same header.
// Each has its own authorizer, because HTTP API v2 rejects a request that lacks one of an
// authorizer's identity sources.
type Endpoint struct {
	Authorizer     string   // the authorizer's name
	IdentitySource string   // the header with the key
	Paths          []string // of the routes; the first is the one that clients configure
}

// Endpoints lists the endpoints of the HTTP API: [Settings.KeyEndpoint], and with
// BEARER_ROUTE also [Settings.BearerEndpoint].
func (s Settings) Endpoints() []Endpoint {
	all := []Endpoint{s.KeyEndpoint()}
	if s.BearerRoute {
		all = append(all, s.BearerEndpoint())
	}
	return all
}

// KeyEndpoint accepts the key in the header x-api-key.
func (s Settings) KeyEndpoint() Endpoint {
	return Endpoint{Authorizer: "KeyAuthorizer", IdentitySource: IdentitySource, Paths: Paths()}
}

// BearerEndpoint accepts the key as a bearer token, for clients that cannot send
// another header.
func (s Settings) BearerEndpoint() Endpoint {
	return Endpoint{
		Authorizer: "BearerAuthorizer", IdentitySource: "$request.header.Authorization",
		Paths: []string{"/bearer/mcp", "/bearer/mcp/{proxy+}"},
	}
}

// CORSHeaders returns the request headers that a browser client may send.
func (s Settings) CORSHeaders() []string {
	headers := []string{"content-type", "x-api-key", "mcp-protocol-version", "mcp-method", "mcp-name", "mcp-session-id"}
	if s.BearerRoute || s.Signin.On() {
		headers = append(headers, "authorization")
	}
	return headers
}
