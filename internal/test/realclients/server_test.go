package realclients_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"serverless-mcp/internal/test/interop"
)

// recorder is a proxy to our server that records what a client sends.
type recorder struct {
	url string
	mu  sync.Mutex
	now seen
}

// seen is what a run of a client printed and sent.
type seen struct {
	output   string
	keys     map[string]bool // the values of x-api-key
	protocol string          // version of its requests, or the offered version if it sends no others
	tools    bool            // it listed the tools
}

// sent describes what a client sends if its variable is unset.
func (s seen) sent() string {
	if len(s.keys) == 0 {
		return "sends no request"
	}
	for _, key := range slices.Sorted(maps.Keys(s.keys)) {
		switch {
		case strings.Contains(key, "MCP_KEY_SHOP"):
			return "sends `" + key + "`"
		case key != "":
			return "sends another value"
		}
	}
	return "sends no key"
}

// startServer runs the server as it is deployed, behind the gateway and the
// authorizer, and returns its URL.
func startServer(t *testing.T) string {
	t.Helper()
	system := interop.Chain(t, "functions", map[string]string{
		"API_KEY": goodKey, "SERVER_NAME": "shop", "THROTTLE_RATE": "1000", "THROTTLE_BURST": "1000",
	})
	return system.URL
}

// record starts a proxy in front of the server for one client.
func record(t *testing.T, server string) *recorder {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:  func(p *httputil.ProxyRequest) { p.SetURL(target) },
		ErrorLog: log.New(io.Discard, "", 0), // clients that disconnect
	}
	r := &recorder{}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(io.LimitReader(request.Body, 1<<20))
		if err != nil {
			return // the client has disconnected
		}
		r.note(request, body)
		request.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, request)
	}))
	t.Cleanup(front.Close)
	r.url = front.URL + "/mcp"
	r.reset()
	return r
}

func (r *recorder) note(request *http.Request, body []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if request.URL.Path != "/mcp" {
		return // some clients look for metadata about sign-in, without the key
	}
	r.now.keys[request.Header.Get("X-Api-Key")] = true
	if version := request.Header.Get("Mcp-Protocol-Version"); version != "" {
		r.now.protocol = version
	}
	var message struct {
		Method string
		Params struct{ ProtocolVersion string }
	}
	if json.Unmarshal(body, &message) != nil {
		return
	}
	r.now.tools = r.now.tools || message.Method == "tools/list"
	if r.now.protocol == "" {
		r.now.protocol = message.Params.ProtocolVersion
	}
}

func (r *recorder) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = seen{keys: map[string]bool{}}
}

func (r *recorder) seen() seen {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}
