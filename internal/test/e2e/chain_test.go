package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/settings"
)

const initialize = `{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"e2e","version":"1"}}`

// TestTemplateAgreesWithLocal compares what mcpctl local serves with what the
// stack declares.
func TestTemplateAgreesWithLocal(t *testing.T) {
	for name, list := range deployments {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // it synthesizes the templates, which all tests share
			values := map[string]string{}
			for _, setting := range list {
				key, value, _ := strings.Cut(setting, "=")
				values[key] = value
			}
			s, err := settings.Parse(values)
			if err != nil {
				t.Fatal(err)
			}
			here, err := local.FromSettings(s)
			if err != nil {
				t.Fatal(err)
			}
			deployed, err := local.FromTemplate(built.template[name].get(t))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(deployed, here); d != "" {
				t.Errorf("mcpctl local and the stack differ (-stack +local):\n%s", d)
			}
		})
	}
}

func TestAuthentication(t *testing.T) {
	t.Parallel()
	s := start(t, "plain", built.fixtures)
	t.Run("no key", func(t *testing.T) {
		a := s.request(t, "POST", "/mcp", `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)
		check(t, a, http.StatusUnauthorized, `{"message":"Unauthorized"}`)
		if n := s.logs.count("authorizer", "START"); n != 0 {
			t.Errorf("the authorizer was called %d times for a request without a key", n)
		}
	})
	t.Run("wrong key", func(t *testing.T) {
		check(t, s.rpc(t, wrongKey, "tools/list", "{}"), http.StatusForbidden, `{"message":"Forbidden"}`)
		if n := s.logs.count("mcp: ", "START"); n != 0 {
			t.Errorf("the MCP function was called %d times for a wrong key", n)
		}
	})
	t.Run("right key, authorizer called once", func(t *testing.T) {
		before := s.logs.count("authorizer", "START")
		for range 3 {
			check(t, s.rpc(t, deploymentKey, "initialize", initialize), http.StatusOK, `"protocolVersion":"2025-11-25"`)
		}
		if n := s.logs.count("authorizer", "START") - before; n != 1 {
			t.Errorf("the authorizer was called %d times for three requests, want 1", n)
		}
	})
	t.Run("trailing slash", func(t *testing.T) {
		a := s.request(t, "POST", "/mcp/", `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, "x-api-key", deploymentKey)
		check(t, a, http.StatusOK, `"tools"`)
	})
	for _, method := range []string{"GET", "DELETE"} {
		t.Run(method, func(t *testing.T) {
			a := s.request(t, method, "/mcp", "", "x-api-key", deploymentKey)
			check(t, a, http.StatusMethodNotAllowed, "")
			if allow := a.header.Get("Allow"); allow != "POST" {
				t.Errorf("Allow is %q, want POST", allow)
			}
		})
	}
	t.Run("other path", func(t *testing.T) {
		check(t, s.request(t, "GET", "/.well-known/oauth-protected-resource", ""), http.StatusNotFound, `{"message":"Not Found"}`)
	})
}

func TestScope(t *testing.T) {
	t.Parallel()
	s := start(t, "plain", built.fixtures, withKeys(apikey.Key{ID: "scoped", SHA256: apikey.Hash(scopedKey), Tools: []string{"size"}}))
	list := s.rpc(t, scopedKey, "tools/list", "{}")
	check(t, list, http.StatusOK, `"name":"size"`)
	if strings.Contains(list.body, "setting") {
		t.Errorf("the key lists a tool outside its scope: %s", list.body)
	}
	if result, failure := s.call(t, scopedKey, "size", `{"text":"four"}`); result["n"] != 4.0 {
		t.Errorf("the tool in the key's scope returned %v %s", result, failure)
	}
	for _, a := range []response{
		s.rpc(t, scopedKey, "tools/call", `{"name":"setting","arguments":{}}`),
		s.modern(t, scopedKey, "tools/call", "setting", `,"name":"setting","arguments":{}`),
		// With 2025-11-25 the body determines the tool, whatever the headers are.
		s.request(t, "POST", "/mcp", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"setting","arguments":{}}}`,
			"x-api-key", scopedKey, "Mcp-Method", "tools/call", "Mcp-Name", "size"),
	} {
		if strings.Contains(a.body, "structuredContent") || !strings.Contains(a.body, `"error"`) {
			t.Errorf("the key called a tool outside its scope: %d %s", a.status, a.body)
		}
	}
}

// TestExpiryOverridesCachedResult: a key is rejected from the second in which it expires, even
// while the gateway has a cached authorizer result that allows it.
func TestExpiryOverridesCachedResult(t *testing.T) {
	t.Parallel()
	end := time.Now().Add(time.Hour)
	clock := newClock(t)
	s := start(t, "plain", built.fixtures, clock.use(local.MCPID), withKeys(apikey.Key{ID: "ending", SHA256: apikey.Hash(endingKey), Expires: end}))
	check(t, s.rpc(t, endingKey, "tools/list", "{}"), http.StatusOK, `"tools"`)
	calls := s.logs.count("authorizer", "START")
	clock.set(t, time.Until(end)-2*time.Minute)
	check(t, s.rpc(t, endingKey, "tools/list", "{}"), http.StatusOK, `"tools"`)
	clock.set(t, time.Until(end))
	check(t, s.rpc(t, endingKey, "tools/list", "{}"), http.StatusForbidden, "")
	if n := s.logs.count("authorizer", "START"); n != calls {
		t.Errorf("the authorizer was called again, so the gateway did not use a cached result")
	}
}

func TestToolSettingAndSecret(t *testing.T) {
	t.Parallel()
	s := start(t, "full", built.fixtures, withToken, withKeys(apikey.Key{ID: "all", SHA256: apikey.Hash(scopedKey)}))
	if got, failure := s.call(t, scopedKey, "setting", "{}"); got["text"] != "hello" {
		t.Errorf("TOOL_GREETING is %v %s, want hello", got, failure)
	}
	hash := sha256.Sum256([]byte(token))
	if got, failure := s.call(t, scopedKey, "secret", "{}"); got["text"] != hex.EncodeToString(hash[:]) {
		t.Errorf("the secret did not arrive: %v %s", got, failure)
	}
}

func TestBrowsers(t *testing.T) {
	t.Parallel()
	s := start(t, "full", built.fixtures, withKeys(apikey.Key{ID: "all", SHA256: apikey.Hash(scopedKey)}))
	preflight := func(origin string) response {
		return s.request(t, "OPTIONS", "/mcp", "", "Origin", origin,
			"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type,x-api-key")
	}
	a := preflight("https://app.example.com")
	check(t, a, http.StatusNoContent, "")
	if got := a.header.Get("Access-Control-Allow-Origin"); got != "https://app.example.com" {
		t.Errorf("preflight allows origin %q", got)
	}
	if !strings.Contains(a.header.Get("Access-Control-Allow-Headers"), "x-api-key") {
		t.Errorf("preflight allows headers %q, want x-api-key among them", a.header.Get("Access-Control-Allow-Headers"))
	}
	if got := preflight("https://evil.example").header.Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("preflight allows a foreign origin: %q", got)
	}
	list := func(origin string) response {
		return s.request(t, "POST", "/mcp", `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, "x-api-key", scopedKey, "Origin", origin)
	}
	check(t, list("https://app.example.com"), http.StatusOK, `"tools"`)
	check(t, list("https://evil.example"), http.StatusForbidden, "")
}

// check compares the status and a part of the body.
func check(t *testing.T, a response, status int, part string) {
	t.Helper()
	if a.status != status || !strings.Contains(a.body, part) {
		t.Errorf("got %d %.400s, want %d with %s", a.status, a.body, status, part)
	}
}

// TestDeploymentsDiffer checks that the tests above run with two different templates.
func TestDeploymentsDiffer(t *testing.T) {
	t.Parallel()
	if bytes.Equal(built.template["plain"].get(t), built.template["full"].get(t)) {
		t.Error("both deployments have the same template")
	}
}
