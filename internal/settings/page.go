package settings

import (
	"errors"
	"time"
)

// Memory and timeout of the page's function.
const (
	PageMemoryMB = 128
	PageTimeout  = 5 * time.Second
)

// Logical ids of the functions that serve public routes.
const (
	PublicPage = "Page"
	PublicMCP  = "Mcp"
)

// A PublicRoute has no authorizer. It has its own throttle, since its callers are
// unknown.
type PublicRoute struct {
	Method, Path string
	Function     string // [PublicPage] or [PublicMCP]
	Rate, Burst  int    // throttle, as THROTTLE_RATE and THROTTLE_BURST
	Reason       string // why it needs no key
}

// PublicRoutes lists all routes that may be without an authorizer. The tests of the
// stack fail if any other route has no authorizer.
func (s Settings) PublicRoutes() []PublicRoute {
	routes := s.signinRoutes()
	if !s.PublicPage {
		return routes
	}
	return append(routes, PublicRoute{
		Method: "GET", Path: "/", Function: PublicPage, Rate: 2, Burst: 2,
		Reason: "People read this page before they have a key. It shows no key, no tool and no AWS resource except the endpoint's address, which its visitor already has.",
	})
}

// EntryName returns the server's name in client configuration files. Each stage
// has its own name there and so its own environment variable for the key.
func (s Settings) EntryName() string {
	if s.Stage == "" {
		return s.ServerName
	}
	return s.ServerName + "-" + s.Stage
}

// PageEnv returns the environment of the page's function.
func (s Settings) PageEnv() map[string]string {
	env := map[string]string{EnvServerName: s.ServerName, EnvEntryName: s.EntryName(), EnvLogLevel: s.LogLevel}
	s.Presentation.addTo(env)
	delete(env, EnvInstructions) // the instructions are for models
	if s.Signin.On() {
		env[EnvPageSignin] = SigninPath
	}
	return env
}

// checkPage rejects the page if there is no HTTP API to serve it.
func checkPage(s Settings) error {
	if s.PublicPage && !s.Has(ShapeHTTPAPI) {
		return errors.New("PUBLIC_PAGE needs the shape " + ShapeHTTPAPI + " in SHAPES")
	}
	return nil
}
