package e2e

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"serverless-mcp/internal/settings"
)

// TestPage: the page needs no key, has a separate throttle, and is the only public route.
func TestPage(t *testing.T) {
	t.Parallel()
	s := start(t, "full", built.fixtures)
	for range 2 {
		a := s.request(t, "GET", "/", "")
		check(t, a, http.StatusOK, "Connect to serverless-mcp")
		if a.header.Get("Content-Security-Policy") == "" || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			t.Errorf("headers %v", a.header)
		}
		if !strings.Contains(a.body, s.URL+"/mcp") || !strings.Contains(a.body, "serverless-mcp-dev-local") {
			t.Error("the page lacks the endpoint or the stage")
		}
	}
	// The page's throttle allows two requests a second. On a busy machine, consecutive requests
	// may stay below that, so they are sent concurrently.
	var rejected atomic.Bool
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			if a := s.request(t, "GET", "/", ""); a.status != http.StatusOK {
				check(t, a, http.StatusTooManyRequests, `{"message":"Too Many Requests"}`)
				rejected.Store(true)
			}
		})
	}
	all.Wait()
	if !rejected.Load() {
		t.Error("40 concurrent requests passed the page's throttle")
	}
	check(t, s.request(t, "GET", "/mcp", ""), http.StatusUnauthorized, `{"message":"Unauthorized"}`)
	check(t, s.request(t, "POST", "/", "{}"), http.StatusNotFound, `{"message":"Not Found"}`)
	check(t, s.request(t, "GET", "/index.html", ""), http.StatusNotFound, `{"message":"Not Found"}`)

	check(t, start(t, "plain", built.fixtures).request(t, "GET", "/", ""), http.StatusNotFound, `{"message":"Not Found"}`)
	if (settings.Settings{}).PublicRoutes() != nil {
		t.Error("there are public routes by default")
	}
}
