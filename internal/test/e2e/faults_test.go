package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/test/poll"
)

// TestFunctionFaults tests each way in which a function can fail: what the caller receives,
// and that the next call works. The function's secret and the argument must not leak.
func TestFunctionFaults(t *testing.T) {
	t.Parallel()
	const argument = "an-argument-of-the-fault"
	for _, c := range []struct {
		name, tool, arguments string
		timeout               time.Duration // of the function; zero means the template's
		status                int
		want, logged          string
	}{
		{"crash", "exit", `{"text":"` + argument + `"}`, 0, http.StatusInternalServerError, internalError, "exit status 3"},
		{"hang past the deadline", "hang", `{"text":"` + argument + `"}`, 5 * time.Second, http.StatusGatewayTimeout, `"error"`, "did not finish in time"},
		{"slower than the timeout", "wait", `{"text":"` + argument + `"}`, 5 * time.Second, http.StatusGatewayTimeout, `"error"`, "did not finish in time"},
		{"panic", "panic", `{"text":"` + argument + `"}`, 0, http.StatusOK, `"isError":true`, "goroutine "},
		{"response of 8 MB", "big", `{"n":8000000,"text":"` + argument + `"}`, poll.Timeout, http.StatusOK, `"isError":true`, "too large"},
		{"wrong argument", "size", `{"text":["` + argument + `"]}`, 0, http.StatusOK, `"isError":true`, `"tool":"size"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, "full", built.fixtures, withTimeout(local.MCPID, c.timeout),
				withKeys(apikey.Key{ID: "all", SHA256: apikey.Hash(scopedKey)}), withToken)
			s.private = append(s.private, argument, "8000000")
			if _, failure := s.call(t, scopedKey, "secret", "{}"); failure != "" {
				t.Errorf("the secret: %s", failure)
			}
			a := s.rpc(t, scopedKey, "tools/call", fmt.Sprintf(`{"name":%q,"arguments":%s}`, c.tool, c.arguments))
			check(t, a, c.status, c.want)
			s.checkPrivate(t, "the response", a.body)
			for _, trace := range []string{"goroutine ", "the words of the panic", ".go:"} {
				if strings.Contains(a.body, trace) {
					t.Errorf("the response contains %q: %.300s", trace, a.body)
				}
			}
			if _, failure := s.call(t, scopedKey, "setting", "{}"); failure != "" {
				t.Errorf("the next call fails: %s", failure)
			}
			if t.Failed() {
				return // the log would contain another reason
			}
			poll.Until(t, "the log to contain "+c.logged, func() bool { return s.logs.count(c.logged) > 0 })
		})
	}
}

// TestInitFailure: a function with a wrong tool declaration does not start, and
// logs the reason.
func TestInitFailure(t *testing.T) {
	t.Parallel()
	s := start(t, "plain", built.fixtures, func(top *local.Topology, _ *local.Options) {
		top.Functions[local.MCPID].Env["TOOL_BROKEN"] = "yes"
	})
	check(t, s.rpc(t, deploymentKey, "tools/list", "{}"), http.StatusInternalServerError, internalError)
	poll.Until(t, "the log to contain the reason", func() bool { return s.logs.count("mcp: ", "TOOL_BROKEN is yes") > 0 })
}

func TestBodies(t *testing.T) {
	t.Parallel()
	s := start(t, "full", built.fixtures, withKeys(apikey.Key{ID: "all", SHA256: apikey.Hash(scopedKey)}))
	s.private = append(s.private, strings.Repeat("x", 20))
	body := func(n int) string {
		return `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"size","arguments":{"text":"` + strings.Repeat("x", n) + `"}}}`
	}
	const mb = 1 << 20
	for _, c := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"4 MB", body(4 * mb), http.StatusOK, fmt.Sprintf(`"n":%d`, 4*mb)},
		{"5 MB", body(5 * mb), http.StatusRequestEntityTooLarge, ""},
		{"7 MB", body(7 * mb), http.StatusRequestEntityTooLarge, ""},
		{"11 MB", body(11 * mb), http.StatusRequestEntityTooLarge, `{"message":"Request Entity Too Large"}`},
		{"malformed JSON", `{"jsonrpc":"2.0","id":1,`, http.StatusBadRequest, `-32700`},
		{"nothing", ``, http.StatusBadRequest, `-32700`},
		{"unknown method", `{"jsonrpc":"2.0","id":1,"method":"no/such"}`, http.StatusOK, `-32601`},
		{"unknown tool", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"nope"}}`, http.StatusOK, `-32602`},
		{"wrong type", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"size","arguments":{"text":5}}}`, http.StatusOK, `"isError":true`},
		{"params of a wrong type", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[]}`, http.StatusOK, `"error"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			check(t, s.request(t, "POST", "/mcp", c.body, "x-api-key", scopedKey), c.status, c.want)
		})
	}
	t.Run("batch", func(t *testing.T) {
		a := s.request(t, "POST", "/mcp", `[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"ping"}]`, "x-api-key", scopedKey)
		check(t, a, http.StatusBadRequest, `-32600`)
	})
}

func TestFiftyAtOnce(t *testing.T) {
	s := start(t, "plain", built.fixtures, unthrottled)
	// This call makes the gateway cache the authorizer result. Fifty authorizers that start
	// at once on a busy machine would not read the secrets in time, and would return errors.
	s.call(t, deploymentKey, "size", `{"text":""}`)
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			result, failure := s.call(t, deploymentKey, "size", fmt.Sprintf(`{"text":%q}`, strings.Repeat("x", i)))
			if result["n"] != float64(i) {
				t.Errorf("the size of %d is %v %s", i, result, failure)
			}
		})
	}
	all.Wait()
}
