package settings

import "time"

// Numbers of the API. HTTP API v2 ends an integration after 30 s with a bare
// 503, so the function must end first and answer for itself; mcpctl local and
// the stack take the same values from here.
const (
	// GatewayTimeout is the integration's limit, the most HTTP API v2 allows.
	GatewayTimeout = 30 * time.Second
	// FunctionTimeout is the MCP function's limit, below [GatewayTimeout].
	FunctionTimeout = 29 * time.Second
	// AuthorizerTimeout is the authorizer's limit; HTTP API v2 gives it 10 s.
	AuthorizerTimeout = 5 * time.Second
	// AuthorizerMemoryMB is the authorizer's memory. Its work is a map look-up,
	// but its cold start loads the AWS SDK, and processor time grows with memory.
	AuthorizerMemoryMB = 256
	// CORSMaxAge is how long a browser may keep a preflight's answer.
	CORSMaxAge = time.Hour
)

// IdentitySource is where the key is found. Every identity source listed is
// required by HTTP API v2, so there is exactly one.
const IdentitySource = "$request.header.x-api-key"

// Paths are the routes' paths. A route key may not end in a slash: /mcp/ is
// served by the second one.
func Paths() []string { return []string{MCPPath, MCPPath + "/{proxy+}"} }

// Methods are the routes' methods. They are spelt out, since with ANY a
// browser's preflight would meet the authorizer and get 401.
func Methods() []string { return []string{"POST", "GET", "DELETE"} }

// An Entrance is a way in: routes whose requests carry the key in one and the
// same header. Each has an authorizer of its own, because every identity source
// of an authorizer is required.
type Entrance struct {
	Authorizer     string // its name
	IdentitySource string
	Paths          []string // of the routes, the endpoint's first
}

// Entrances are the ways in. The second one is for clients that can send a bearer
// token and no header of their own.
func (s Settings) Entrances() []Entrance {
	all := []Entrance{{Authorizer: "KeyAuthorizer", IdentitySource: IdentitySource, Paths: Paths()}}
	if s.BearerRoute {
		all = append(all, Entrance{
			Authorizer: "BearerAuthorizer", IdentitySource: "$request.header.Authorization",
			Paths: []string{BearerPath, BearerPath + "/{proxy+}"},
		})
	}
	return all
}

// CORSHeaders are the request headers that a browser client may send.
func (s Settings) CORSHeaders() []string {
	headers := []string{"content-type", "x-api-key", "mcp-protocol-version", "mcp-method", "mcp-name", "mcp-session-id"}
	if s.BearerRoute {
		headers = append(headers, "authorization")
	}
	return headers
}
