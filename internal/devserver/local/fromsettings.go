package local

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/settings"
)

// Logical ids of resources in the template.
const (
	AuthorizerID = "Authorizer"
	MCPID        = "Mcp"
	DefaultKeyID = "DefaultKey"
	IssuedKeysID = "IssuedKeys"
	MCPStreamID  = "McpStream"
	PageID       = "Page"
)

// FromSettings returns the topology that the stack declares for these settings. Like
// the stack, it does not contain the values of tool secrets.
func FromSettings(s settings.Settings) (Topology, error) {
	t := Topology{
		Functions:   map[string]Function{},
		Secrets:     map[string]Secret{IssuedKeysID: {}},
		Authorizers: map[string]Authorizer{},
	}
	defaultKey, err := t.addDefaultKey(s)
	if err != nil {
		return Topology{}, err
	}
	toolSecrets := map[string]string{}
	for name := range s.ToolSecrets {
		id := settings.ToolSecretID(name)
		t.Secrets[id] = Secret{}
		toolSecrets[name] = SecretName(id)
	}
	if s.Has(settings.ShapeHTTPAPI) {
		t.addHTTPAPI(s, defaultKey, toolSecrets)
	}
	if s.Has(settings.ShapeStream) {
		t.addStream(s, defaultKey, toolSecrets)
	}
	if s.Has(settings.ShapeContainer) {
		t.addContainer(s, defaultKey, toolSecrets)
	}
	t.addJobs(s, toolSecrets)
	t.addKeyLimits(s)
	for _, f := range t.Functions {
		settings.AddRuntime(f.Env, f.MemoryMB)
	}
	return t, nil
}

// addHTTPAPI adds the gateway, its functions and routes.
func (t *Topology) addHTTPAPI(s settings.Settings, defaultKey string, toolSecrets map[string]string) {
	t.Functions[AuthorizerID] = Function{
		Package: packageOf(AuthorizerID), Env: s.AuthorizerEnv(defaultKey, SecretName(IssuedKeysID)),
		MemoryMB: settings.AuthorizerMemoryMB, Timeout: settings.AuthorizerTimeout,
	}
	t.Functions[MCPID] = Function{
		Package: packageOf(MCPID), Env: s.MCPEnv(toolSecrets),
		MemoryMB: s.MemoryMB, Timeout: settings.FunctionTimeout, Concurrency: s.ReservedConcurrency,
	}
	for _, e := range s.Endpoints() {
		t.addEndpoint(e, seconds(s.AuthorizerCacheSeconds))
	}
	t.addPublicRoutes(s)
	sortRoutes(t.Routes)
	t.CORS = corsOf(s)
	t.Throttle = Throttle{Rate: float64(s.ThrottleRate), Burst: s.ThrottleBurst}
	t.Timeout = settings.GatewayTimeout
	t.Domain, t.OnlyDomain = s.DomainOf(settings.ShapeHTTPAPI), s.Domain.DisableDefaultEndpoint
}

// addStream adds the function with a Function URL.
func (t *Topology) addStream(s settings.Settings, defaultKey string, toolSecrets map[string]string) {
	t.Functions[MCPStreamID] = Function{
		Package: packageOf(MCPStreamID), Env: s.StandaloneEnv(toolSecrets, defaultKey, SecretName(IssuedKeysID)),
		MemoryMB: s.MemoryMB, Timeout: seconds(s.StreamTimeoutSeconds), Concurrency: s.ReservedConcurrency,
	}
	if domain := s.DomainOf(settings.ShapeStream); domain != "" && s.Signin.On() {
		t.Functions[MCPStreamID].Env[settings.EnvSigninResource] = "https://" + domain + settings.SigninPath
	}
	t.URL = FunctionURL{Function: MCPStreamID, CORS: corsOf(s)}
}

// corsOf returns the CORS configuration, which is the same in each deployment shape.
func corsOf(s settings.Settings) CORS {
	if len(s.AllowedOrigins) == 0 {
		return CORS{}
	}
	return CORS{AllowOrigins: s.AllowedOrigins, AllowMethods: settings.Methods(), AllowHeaders: s.CORSHeaders(), MaxAge: settings.CORSMaxAge}
}

// addDefaultKey adds the deployment key, by its hash only, and returns the secret's
// name, or "" with API_KEY=none.
func (t *Topology) addDefaultKey(s settings.Settings) (name string, err error) {
	secret := Secret{}
	switch hash := s.KeyHash(); {
	case s.APIKey == settings.NoKey:
		return "", nil
	case hash == "":
		secret.Generated = true
	default:
		document, err := apikey.DefaultDocument(hash).Marshal()
		if err != nil {
			return "", fmt.Errorf("declare the key: %w", err)
		}
		secret.Value = string(document)
	}
	t.Secrets[DefaultKeyID] = secret
	return SecretName(DefaultKeyID), nil
}

// addEndpoint adds an authorizer and its routes.
func (t *Topology) addEndpoint(e settings.Endpoint, ttl time.Duration) {
	t.Authorizers[e.Authorizer] = Authorizer{Function: AuthorizerID, IdentitySource: []string{e.IdentitySource}, TTL: ttl}
	for _, path := range e.Paths {
		for _, method := range settings.Methods() {
			t.Routes = append(t.Routes, Route{Method: method, Path: path, Function: MCPID, Authorizer: e.Authorizer})
		}
	}
}

// addPublicRoutes adds the routes without an authorizer, and the page's function.
func (t *Topology) addPublicRoutes(s settings.Settings) {
	if s.PublicPage {
		t.Functions[PageID] = Function{
			Package: packageOf(PageID), Env: s.PageEnv(), MemoryMB: settings.PageMemoryMB, Timeout: settings.PageTimeout,
		}
	}
	for _, r := range s.PublicRoutes() {
		t.Routes = append(t.Routes, Route{
			Method: r.Method, Path: r.Path, Function: r.Function, Throttle: Throttle{Rate: float64(r.Rate), Burst: r.Burst},
		})
	}
}

// SetSigninResource sets the URL of the endpoint for sign-in in each server with sign-in.
// The stack does not set it, because the endpoint's URL is known only on AWS.
func (t *Topology) SetSigninResource(url string) {
	for _, id := range []string{MCPID, MCPStreamID} {
		if f, ok := t.Functions[id]; ok && f.Env[settings.EnvSigninIssuer] != "" {
			f.Env[settings.EnvSigninResource] = url
		}
	}
	if t.Container.Env[settings.EnvSigninIssuer] != "" {
		t.Container.Env[settings.EnvSigninResource] = url
	}
}

func sortRoutes(routes []Route) {
	slices.SortFunc(routes, func(a, b Route) int { return strings.Compare(a.Path+" "+a.Method, b.Path+" "+b.Method) })
}

// packageOf returns the folder of a function's source: its logical id in lower case.
func packageOf(id string) string { return strings.ToLower(id) }

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
