package settings

import (
	"errors"
	"time"
)

// Numbers of the page for people. It does next to nothing.
const (
	PageMemoryMB = 128
	PageTimeout  = 5 * time.Second
)

// A PublicRoute is one that needs no key. It has a throttle of its own, since
// nobody knows who calls.
type PublicRoute struct {
	Method, Path string
	Rate, Burst  int    // requests a second, and at once, all callers together
	Reason       string // why it may be open
}

// PublicRoutes are all routes without an authorizer. A route that is not in
// this list and has none fails the tests of the stack.
func (s Settings) PublicRoutes() []PublicRoute {
	if !s.PublicPage {
		return nil
	}
	return []PublicRoute{{
		Method: "GET", Path: "/", Rate: 2, Burst: 2,
		Reason: "the page for people, who have no key before they read it; it tells no key, no tool, and nothing of AWS but the address that they have already",
	}}
}

// EntryName is the server's name in the clients' files: stages have names of
// their own there, and so variables of their own.
func (s Settings) EntryName() string {
	if s.Stage == "" {
		return s.ServerName
	}
	return s.ServerName + "-" + s.Stage
}

// PageEnv is the environment of the page's function.
func (s Settings) PageEnv() map[string]string {
	return map[string]string{EnvServerName: s.ServerName, EnvEntryName: s.EntryName(), EnvLogLevel: s.LogLevel}
}

// checkPage refuses the page where there is no gateway to serve it.
func checkPage(s Settings) error {
	if s.PublicPage && !s.Has(ShapeHTTPAPI) {
		return errors.New("PUBLIC_PAGE needs the shape " + ShapeHTTPAPI + " in SHAPES")
	}
	return nil
}
