package mcpclient_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/clients/mcpclient"
)

const key = "the-key"

// serve runs an MCP server with one tool, echo, behind the key.
func serve(t *testing.T) string {
	t.Helper()
	s := server.NewMCPServer("fixture", "1.2.3", server.WithToolCapabilities(false))
	s.AddTool(mcp.NewTool("echo", mcp.WithString("text")), func(_ context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText(r.GetString("text", "")), nil
	})
	h := server.NewStreamableHTTPServer(s, server.WithStateLess(true))
	return start(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(mcpclient.KeyHeader) != key {
			w.WriteHeader(http.StatusForbidden)
			w.Write([]byte(`{"message":"Forbidden"}`))
			return
		}
		h.ServeHTTP(w, r)
	})
}

func start(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL + "/mcp"
}

func TestCall(t *testing.T) {
	c, err := mcpclient.Connect(t.Context(), mcpclient.Options{URL: serve(t), Key: key})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if c.Server.ServerInfo.Name != "fixture" {
		t.Errorf("server = %+v", c.Server.ServerInfo)
	}
	result, err := c.Call(t.Context(), "echo", map[string]any{"text": "hi"})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff("hi", result.Content[0].(mcp.TextContent).Text); d != "" {
		t.Error(d)
	}
	_, err = c.Tool(t.Context(), "ecco")
	var unknown *mcpclient.UnknownToolError
	if !errors.As(err, &unknown) || !cmp.Equal(unknown.Known, []string{"echo"}) {
		t.Errorf("Tool(ecco) = %v, want an UnknownToolError with echo", err)
	}
}

func TestErrorsKeepTheirStatus(t *testing.T) {
	for _, code := range []int{301, 307, 400, 401, 403, 404, 405, 429, 500, 503} {
		url := start(t, func(w http.ResponseWriter, _ *http.Request) {
			if code < 400 {
				w.Header().Set("Location", "https://elsewhere.example/mcp")
			}
			w.WriteHeader(code)
			w.Write([]byte("<h1>no\x1b[31m</h1>" + strings.Repeat("x", 1000)))
		})
		_, err := mcpclient.Connect(t.Context(), mcpclient.Options{URL: url, Key: key})
		var status *mcpclient.StatusError
		if !errors.As(err, &status) || status.Code != code {
			t.Errorf("status %d became %v", code, err)
			continue
		}
		if text := err.Error(); len(text) > 400 || strings.Contains(text, "\x1b") || strings.Contains(text, key) {
			t.Errorf("not safe to print: %q", text)
		}
	}
}

func TestTheKeyFollowsNoRedirect(t *testing.T) {
	leaked := false
	elsewhere := start(t, func(_ http.ResponseWriter, r *http.Request) {
		leaked = leaked || r.Header.Get(mcpclient.KeyHeader) != ""
	})
	url := start(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere, http.StatusTemporaryRedirect)
	})
	_, err := mcpclient.Connect(t.Context(), mcpclient.Options{URL: url, Key: key})
	if err == nil || !strings.Contains(err.Error(), "307 Temporary Redirect to "+elsewhere) {
		t.Errorf("got %v, want the target of the redirect", err)
	}
	if leaked {
		t.Error("the key was sent along the redirect")
	}
}

func TestCheckURL(t *testing.T) {
	for _, c := range []struct{ url, want string }{
		{"https://example.com/mcp", ""},
		{"http://127.0.0.1:8080/mcp", ""},
		{"http://localhost:8080/mcp", ""},
		{"http://[::1]:8080/mcp", ""},
		{"http://example.com/mcp", "plain http"},
		{"http://127.0.0.1.example.com/mcp", "plain http"},
		{"http://10.0.0.1/mcp", "plain http"},
		{"http://0.0.0.0/mcp", "plain http"},
		{"example.com/mcp", "need a form like https://"},
		{"ftp://example.com", "need a form like https://"},
		{"https://key@example.com/mcp", "user name or password"},
		{"", "need a form like"},
	} {
		err := mcpclient.CheckURL(c.url)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("CheckURL(%q) = %v, want %q", c.url, err, c.want)
		}
	}
	if _, err := mcpclient.Connect(t.Context(), mcpclient.Options{URL: "http://example.com/mcp", Key: key}); !errors.Is(err, mcpclient.ErrInsecure) {
		t.Errorf("Connect over plain http: %v, want ErrInsecure", err)
	}
}

func TestSetKey(t *testing.T) {
	for _, c := range []struct {
		o    mcpclient.Options
		want http.Header
	}{
		{mcpclient.Options{URL: "https://example.com/mcp"}, http.Header{}},
		{mcpclient.Options{URL: "https://example.com/mcp", Key: key}, http.Header{"X-Api-Key": {key}}},
		{mcpclient.Options{URL: "https://example.com/mcp", Key: key, Bearer: true}, http.Header{"Authorization": {"Bearer " + key}}},
		{mcpclient.Options{URL: "https://example.com/bearer/mcp", Key: key}, http.Header{"Authorization": {"Bearer " + key}}},
		{mcpclient.Options{URL: "https://example.com/bearer/mcp", Bearer: true}, http.Header{}},
		{mcpclient.Options{URL: "https://example.com/mcp?a=/bearer/", Key: key}, http.Header{"X-Api-Key": {key}}},
	} {
		got := http.Header{}
		c.o.SetKey(got)
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%+v (-want +got):\n%s", c.o, d)
		}
	}
}

// Each kind of request sends the key as a bearer token.
func TestBearer(t *testing.T) {
	asked := 0
	url := start(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		if got := r.Header.Get("Authorization"); got != "Bearer "+key || r.Header.Get(mcpclient.KeyHeader) != "" {
			t.Errorf("Authorization: %q, %s: %q", got, mcpclient.KeyHeader, r.Header.Get(mcpclient.KeyHeader))
		}
		w.WriteHeader(http.StatusForbidden)
	})
	o := mcpclient.Options{URL: url, Key: key, Bearer: true}
	mcpclient.Try(t.Context(), o)
	mcpclient.NewProbe(o).Ping(t.Context())
	mcpclient.Connect(t.Context(), o)
	if asked < 3 {
		t.Errorf("%d requests", asked)
	}
}
