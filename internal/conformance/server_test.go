package conformance

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"serverless-mcp/internal/apikey"
	"serverless-mcp/internal/conformance/fixture"
	"serverless-mcp/internal/interop"
	"serverless-mcp/internal/serve"
	"serverless-mcp/internal/settings"
)

// key opens the chain of these tests and nothing else.
const key = "conformance-0123456789-abcdefghijklmnopqr"

// shapes are the ways to put the fixture up, as SHAPES in .env names them. Each
// returns the address to test.
var shapes = map[string]func(*testing.T) string{
	settings.ShapeHTTPAPI:   func(t *testing.T) string { return deployed(t, settings.ShapeHTTPAPI) },
	settings.ShapeStream:    func(t *testing.T) string { return deployed(t, settings.ShapeStream) },
	settings.ShapeContainer: process,
}

// deployed runs the fixture as a Lambda function, behind the gateway and the
// authorizer or behind a Function URL. The suite cannot send a key, so a proxy
// in front adds it.
func deployed(t *testing.T, shape string) string {
	proxy := httptest.NewUnstartedServer(nil)
	system := interop.Chain(t, "internal/conformance/fixture", map[string]string{
		"API_KEY": key, "SERVER_NAME": "conformance", "LOG_LEVEL": "warn", "SHAPES": shape,
		"ALLOWED_ORIGINS": origin(proxy.Listener),
		"THROTTLE_RATE":   "1000", "THROTTLE_BURST": "1000",
	})
	target, err := url.Parse(system.URL)
	if err != nil {
		t.Fatal(err)
	}
	forward := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // the suite lies here, to see what becomes of it
			r.Out.Header.Set("X-Api-Key", key)
		},
		FlushInterval: -1,                         // an event that is held back is no event
		ErrorLog:      log.New(io.Discard, "", 0), // the suite hangs up on some calls, on purpose
	}
	proxy.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Otherwise the beginning of the answer closes the request's body, which
		// the proxy may still be about to find at its end, and it hangs up.
		if err := http.NewResponseController(w).EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		forward.ServeHTTP(w, r)
	})
	proxy.Start()
	t.Cleanup(proxy.Close)
	return proxy.URL + "/mcp"
}

// process serves the fixture in this process, over plain HTTP.
func process(t *testing.T) string {
	s := httptest.NewUnstartedServer(nil)
	handler, err := serve.New(fixture.All, serve.Options{
		Getenv: func(name string) string {
			return map[string]string{"SERVER_NAME": "conformance", "ALLOWED_ORIGINS": origin(s.Listener)}[name]
		},
		Streaming:    true,
		Authenticate: func(*http.Request) (apikey.Principal, error) { return apikey.Principal{KeyID: "conformance"}, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Config.Handler = handler
	s.Start()
	t.Cleanup(s.Close)
	return s.URL + "/mcp"
}

// origin is what a page served at that address sends as its Origin.
func origin(l net.Listener) string { return "http://" + l.Addr().String() }
