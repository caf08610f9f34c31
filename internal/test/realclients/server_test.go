package realclients_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/tools"
)

// recorder is our server, which notes what clients send.
type recorder struct {
	url string
	mu  sync.Mutex
	now seen
}

// seen is what a run of a client printed and sent.
type seen struct {
	output   string
	keys     map[string]bool // the values of x-api-key
	protocol string          // of its requests, or that it offers if it sends no more
	tools    bool            // it asked for the tools
}

// sent says what an unset variable becomes, without a key.
func (s seen) sent() string {
	for _, key := range slices.Sorted(maps.Keys(s.keys)) {
		switch {
		case strings.Contains(key, "MCP_KEY_SHOP"):
			return "`" + key + "`"
		case key != "":
			return "another value"
		}
	}
	return "no key"
}

// serve starts the server with all tools behind goodKey.
func serve(t *testing.T) *recorder {
	t.Helper()
	s, err := mcpserver.New(mcpserver.Options{Name: "shop"}, tools.All(tools.Config{}))
	if err != nil {
		t.Fatal(err)
	}
	handler := mcphttp.New(s, mcphttp.Options{Authenticate: func(r *http.Request) (apikey.Principal, error) {
		switch r.Header.Get("X-Api-Key") {
		case goodKey:
			return apikey.Principal{KeyID: "test", Tools: []string{"*"}}, nil
		case "":
			return apikey.Principal{}, mcphttp.ErrUnauthorized
		}
		return apikey.Principal{}, mcphttp.ErrForbidden
	}})
	r := &recorder{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(io.LimitReader(request.Body, 1<<20))
		if err != nil {
			return // the client has disconnected
		}
		r.note(request, body)
		request.Body = io.NopCloser(bytes.NewReader(body))
		handler.ServeHTTP(w, request)
	}))
	t.Cleanup(server.Close)
	r.url = server.URL + "/mcp"
	r.reset()
	return r
}

func (r *recorder) note(request *http.Request, body []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
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
