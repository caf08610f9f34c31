package conformance

import (
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/test/interop"
)

// key is the deployment key of these tests.
const key = "conformance-0123456789-abcdefghijklmnopqr"

// stateful is the container with sessions: two tasks that receive requests alternately.
const stateful = settings.ShapeContainer + "-stateful"

// shapes has the deployment shapes, by their names in SHAPES, and stateful, with their
// settings.
var shapes = map[string]map[string]string{
	settings.ShapeHTTPAPI:   {},
	settings.ShapeStream:    {},
	settings.ShapeContainer: {"CONTAINER_MIN_TASKS": "2"},
	stateful:                {"CONTAINER_MIN_TASKS": "2", "CONTAINER_SESSIONS": "stateful", "SHAPES": settings.ShapeContainer},
}

// deployed runs the fixture in a deployment shape and returns its URL. The suite
// cannot send a key, so a proxy in front adds it.
func deployed(t *testing.T, shape string) string {
	proxy := httptest.NewUnstartedServer(nil)
	values := map[string]string{
		"API_KEY": key, "SERVER_NAME": "conformance", "SHAPES": shape, "JOBS": "true",
		"ALLOWED_ORIGINS": origin(proxy.Listener),
		"THROTTLE_RATE":   "1000", "THROTTLE_BURST": "1000",
	}
	maps.Copy(values, shapes[shape])
	system := interop.Chain(t, "internal/test/conformance/fixture", values)
	target, err := url.Parse(system.URL)
	if err != nil {
		t.Fatal(err)
	}
	forward := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // the suite sends wrong Host headers on purpose
			r.Out.Header.Set("X-Api-Key", key)
		},
		FlushInterval: -1,                         // send events immediately
		ErrorLog:      log.New(io.Discard, "", 0), // the suite disconnects during some calls on purpose
	}
	proxy.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Otherwise net/http closes the request's body when the response starts. If the proxy
		// has not read the whole body by then, it disconnects.
		if err := http.NewResponseController(w).EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		forward.ServeHTTP(w, r)
	})
	proxy.Start()
	t.Cleanup(func() {
		proxy.CloseClientConnections() // of streams that the suite has left open
		proxy.Close()
	})
	return proxy.URL + "/mcp"
}

// origin returns the Origin of a page served at that address.
func origin(l net.Listener) string { return "http://" + l.Addr().String() }
