package gateway

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestMatch(t *testing.T) {
	f := responds(ok200)
	all := []Route{
		{Path: "$default", Integration: f},
		{Method: "ANY", Path: "/{proxy+}", Integration: f},
		{Method: "GET", Path: "/pets/{proxy+}", Integration: f},
		{Method: "GET", Path: "/pets/dog/{id}", Integration: f},
		{Method: "ANY", Path: "/pets/dog/1", Integration: f},
		{Method: "GET", Path: "/pets/dog/1", Integration: f},
		{Method: "POST", Path: "/mcp", Integration: f},
		{Method: "POST", Path: "/mcp/{proxy+}", Integration: f},
	}
	type params = map[string]string
	tests := []struct {
		routes       []Route
		method, path string
		want         string // route key, "" for none
		params       params
	}{
		{all, "GET", "/pets/dog/1", "GET /pets/dog/1", params{}},
		{all, "POST", "/pets/dog/1", "ANY /pets/dog/1", params{}},
		{all, "GET", "/pets/dog/2", "GET /pets/dog/{id}", params{"id": "2"}},
		{all, "GET", "/pets/cat/1", "GET /pets/{proxy+}", params{"proxy": "cat/1"}},
		{all, "PUT", "/pets/cat/1", "ANY /{proxy+}", params{"proxy": "pets/cat/1"}},
		{all, "POST", "/mcp", "POST /mcp", params{}},
		{all, "POST", "/mcp/", "POST /mcp/{proxy+}", params{"proxy": ""}},
		{all, "POST", "/mcp/a/b", "POST /mcp/{proxy+}", params{"proxy": "a/b"}},
		{all[:1], "GET", "/x", "$default", nil},
		{all[6:7], "POST", "/mcp/", "", nil},     // a full match allows no trailing slash
		{all[7:], "POST", "/mcp", "", nil},       // and a greedy variable needs a slash before it
		{all[6:], "post", "/mcp", "", nil},       // methods are case-sensitive
		{all[6:], "POST", "/MCP", "", nil},       // paths too
		{all[3:4], "GET", "/pets/dog/", "", nil}, // a variable is not empty
		{all[3:4], "GET", "/pets/dog/1/2", "", nil},
	}
	for _, tt := range tests {
		reversed := slices.Clone(tt.routes)
		slices.Reverse(reversed)
		for _, routes := range [][]Route{tt.routes, reversed} { // the order of declaration does not matter
			x := &exchange{r: request(tt.method, tt.path, "")}
			mustNew(t, Config{Routes: routes}).match(x)
			if diff := cmp.Diff(tt.want, x.routeKey()) + cmp.Diff(tt.params, x.params); diff != "" {
				t.Errorf("%s %s (-want +got):\n%s", tt.method, tt.path, diff)
			}
		}
	}
}

// TestInvalidConfigs: New rejects what API Gateway would reject.
func TestInvalidConfigs(t *testing.T) {
	f := responds(ok200)
	with := func(a Authorizer) Route {
		return Route{Method: "GET", Path: "/", Integration: f, Authorizer: &a}
	}
	tests := []struct {
		want   string
		routes []Route
	}{
		{`route "GET /": no integration`, []Route{{Method: "GET", Path: "/"}}},
		{`route "GET /mcp/": want a method`, []Route{{Method: "GET", Path: "/mcp/", Integration: f}}},
		{`route "GET mcp": want a method`, []Route{{Method: "GET", Path: "mcp", Integration: f}}},
		{`route " /mcp": want a method`, []Route{{Path: "/mcp", Integration: f}}},
		{`a greedy variable must come last`, []Route{{Method: "GET", Path: "/{a+}/b", Integration: f}}},
		{`route "GET /": declared twice`, []Route{{Method: "GET", Path: "/", Integration: f}, {Method: "GET", Path: "/", Integration: f}}},
		{`authorizer without a function`, []Route{with(Authorizer{})}},
		{`authorizer TTL 1h0m1s is not within`, []Route{with(Authorizer{Function: f, TTL: time.Hour + time.Second})}},
		{`needs an identity source`, []Route{with(Authorizer{Function: f, TTL: time.Second})}},
		{`identity source "x-api-key" is not supported`, []Route{with(Authorizer{Function: f, IdentitySource: []string{"x-api-key"}})}},
	}
	for _, tt := range tests {
		_, err := New(Config{Routes: tt.routes})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %q", err, tt.want)
		}
	}
}
