package mcphttp_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/test/rpc"
)

// Every rejection before the message is read: the response and the log line.
func TestCheckRequest(t *testing.T) {
	for name, test := range map[string]struct {
		method, path string // POST and /mcp where empty
		headers      []string
		status       int
		body         string
		logged       string // part of the line; "" means none
	}{
		"passes":                {status: 200, body: `{"jsonrpc":"2.0","id":1,"result":{}}`},
		"trailing slash":        {path: "/mcp/", status: 200, body: `{"jsonrpc":"2.0","id":1,"result":{}}`},
		"bearer path":           {path: "/bearer/mcp", status: 200, body: `{"jsonrpc":"2.0","id":1,"result":{}}`},
		"bearer, slash":         {path: "/bearer/mcp/", status: 200, body: `{"jsonrpc":"2.0","id":1,"result":{}}`},
		"other path":            {path: "/", status: 404, body: `{"message":"Not Found"}`, logged: "no such path"},
		"path below bearer":     {path: "/bearer/mcp/x", status: 404, body: `{"message":"Not Found"}`, logged: "no such path"},
		"path below":            {path: "/mcp/x", status: 404, body: `{"message":"Not Found"}`, logged: "no such path"},
		"OAuth discovery":       {method: "GET", path: "/.well-known/oauth-protected-resource/mcp", status: 404, body: `{"message":"Not Found"}`, logged: "no such path"},
		"escaped slash":         {path: "/mcp%2Fx", status: 404, body: `{"message":"Not Found"}`, logged: "no such path"},
		"GET":                   {method: "GET", status: 405, body: `{"message":"Method Not Allowed"}`, logged: "method not allowed"},
		"GET for a stream":      {method: "GET", headers: []string{"Accept", "text/event-stream"}, status: 405, body: `{"message":"Method Not Allowed"}`, logged: "method not allowed"},
		"DELETE":                {method: "DELETE", status: 405, body: `{"message":"Method Not Allowed"}`, logged: "method not allowed"},
		"HEAD":                  {method: "HEAD", status: 405, body: `{"message":"Method Not Allowed"}`, logged: "method not allowed"},
		"PUT":                   {method: "PUT", status: 405, body: `{"message":"Method Not Allowed"}`, logged: "method not allowed"},
		"OPTIONS without CORS":  {method: "OPTIONS", headers: []string{"Origin", "https://app.example", "Access-Control-Request-Method", "POST"}, status: 405, body: `{"message":"Method Not Allowed"}`, logged: "method not allowed"},
		"lower-case method":     {method: "post", status: 405, body: `{"message":"Method Not Allowed"}`, logged: "method not allowed"},
		"origin allowed":        {headers: []string{"Origin", "https://app.example"}, status: 200, body: `{"jsonrpc":"2.0","id":1,"result":{}}`},
		"origin foreign":        {headers: []string{"Origin", "https://evil.example"}, status: 403, body: `{"message":"Forbidden"}`, logged: "origin not allowed"},
		"origin null":           {headers: []string{"Origin", "null"}, status: 403, body: `{"message":"Forbidden"}`, logged: "origin not allowed"},
		"origin as a prefix":    {headers: []string{"Origin", "https://app.example.evil.example"}, status: 403, body: `{"message":"Forbidden"}`, logged: "origin not allowed"},
		"two origins joined":    {headers: []string{"Origin", "https://app.example,https://evil.example"}, status: 403, body: `{"message":"Forbidden"}`, logged: "origin not allowed"},
		"foreign origin on GET": {method: "GET", headers: []string{"Origin", "https://evil.example"}, status: 403, body: `{"message":"Forbidden"}`, logged: "origin not allowed"},
		"header at the limit":   {headers: []string{"X-Any", strings.Repeat("x", 8192)}, status: 200, body: `{"jsonrpc":"2.0","id":1,"result":{}}`},
		"header too large":      {headers: []string{"X-Any", strings.Repeat("x", 8193)}, status: 431, body: `{"message":"Request Header Fields Too Large"}`, logged: "header too large"},
		"no key":                {headers: []string{"X-Api-Key", ""}, status: 401, body: `{"message":"Unauthorized"}`, logged: "no usable key"},
		"key forbidden":         {headers: []string{"X-Api-Key", "forbidden"}, status: 403, body: `{"message":"Forbidden"}`, logged: "key not allowed"},
		"key expired":           {headers: []string{"X-Api-Key", "expired"}, status: 403, body: `{"message":"Forbidden"}`, logged: "keyId=old"},
		"cannot decide":         {headers: []string{"X-Api-Key", "broken"}, status: 500, body: `{"message":"Internal Server Error"}`, logged: "level=ERROR"},
	} {
		t.Run(name, func(t *testing.T) {
			h, log := newHandler()
			method, path := test.method, test.path
			if method == "" {
				method = http.MethodPost
			}
			if path == "" {
				path = "/mcp"
			}
			w := do(h, method, path, rpc.Ping, test.headers...)
			check(t, w, test.status, test.body)
			if got := w.Header().Get("Content-Type"); got != "application/json" {
				t.Errorf("Content-Type is %q", got)
			}
			if allow, ok := w.Header()["Allow"]; ok != (test.status == 405) || ok && allow[0] != "POST" {
				t.Errorf("status %d with Allow %q", w.Code, allow)
			}
			if w.Header().Get("WWW-Authenticate") != "" {
				t.Error("WWW-Authenticate is set: clients start OAuth and drop their key")
			}
			if lines := strings.Count(log.String(), "\n"); !strings.Contains(log.String(), test.logged) || lines > 1 || (lines == 0) != (test.logged == "") {
				t.Errorf("logged %q, want one line with %q", log, test.logged)
			}
		})
	}
}

// An HTTPError sets the status and the headers. Its reason is for the log only.
func TestHTTPErrorOfAuthenticate(t *testing.T) {
	for status, body := range map[int]string{401: `{"message":"Unauthorized"}`, 503: `{"message":"Service Unavailable"}`} {
		h, log := newHandler(func(o *mcphttp.Options) {
			o.Authenticate = func(*http.Request) (apikey.Principal, error) {
				err := &mcphttp.HTTPError{Status: status, Header: http.Header{"Retry-After": {"7"}}, Err: errors.New("hunter2")}
				return apikey.Principal{KeyID: "ci"}, fmt.Errorf("check the key: %w", err)
			}
		})
		w := post(h, rpc.Ping)
		check(t, w, status, body)
		if got := w.Header().Get("Retry-After"); got != "7" {
			t.Errorf("%d: Retry-After %q, want 7", status, got)
		}
		if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), "reason=hunter2") || strings.Contains(log.String(), "keyId") {
			t.Errorf("%d: logged %s", status, log)
		}
	}
}

// Two Origin headers, which net/http passes as two values, are rejected.
func TestTwoOrigins(t *testing.T) {
	h, _ := newHandler(func(o *mcphttp.Options) {
		o.Authenticate = func(r *http.Request) (apikey.Principal, error) {
			t.Error("the key was checked before the origin")
			return apikey.Principal{}, nil
		}
	})
	w := do(withOrigins(h, "https://app.example", "https://evil.example"), "POST", "/mcp", rpc.Ping)
	check(t, w, 403, `{"message":"Forbidden"}`)
}

func withOrigins(h http.Handler, origins ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header["Origin"] = origins
		h.ServeHTTP(w, r)
	})
}

// Without Authenticate, every request is rejected.
func TestNoAuthenticateRejectsAll(t *testing.T) {
	h, _ := newHandler(func(o *mcphttp.Options) { o.Authenticate = nil })
	check(t, post(h, rpc.Ping), 403, `{"message":"Forbidden"}`)
}

func TestCORS(t *testing.T) {
	h, _ := newHandler(func(o *mcphttp.Options) { o.CORS = &mcphttp.CORS{Headers: []string{"x-api-key"}, MaxAge: time.Hour} })
	for name, test := range map[string]struct {
		method  string
		headers []string
		status  int
		origin  string // Access-Control-Allow-Origin
	}{
		"preflight":              {"OPTIONS", []string{"Origin", "https://app.example", "Access-Control-Request-Method", "POST", "X-Api-Key", ""}, 204, "https://app.example"},
		"preflight, foreign":     {"OPTIONS", []string{"Origin", "https://evil.example", "Access-Control-Request-Method", "POST"}, 403, ""},
		"OPTIONS, no preflight":  {"OPTIONS", []string{"Origin", "https://app.example"}, 405, "https://app.example"},
		"call":                   {"POST", []string{"Origin", "https://app.example"}, 200, "https://app.example"},
		"rejection is readable":  {"POST", []string{"Origin", "https://app.example", "X-Api-Key", ""}, 401, "https://app.example"},
		"call without an origin": {"POST", nil, 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := do(h, test.method, "/mcp", rpc.Ping, test.headers...)
			if got := w.Header().Get("Access-Control-Allow-Origin"); w.Code != test.status || got != test.origin {
				t.Errorf("got %d, origin %q; want %d, %q", w.Code, got, test.status, test.origin)
			}
			for name, want := range map[string]string{"Access-Control-Allow-Methods": "POST", "Access-Control-Allow-Headers": "x-api-key", "Access-Control-Max-Age": "3600"} {
				if test.status != 204 {
					want = ""
				}
				if got := w.Header().Get(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
			if w.Header().Get("Vary") != "Origin" {
				t.Error("no Vary: a cache would give one origin's response to another")
			}
			if w.Header().Get("Access-Control-Allow-Credentials") != "" {
				t.Error("credentials are allowed, although no cookie authenticates a request")
			}
		})
	}
}
