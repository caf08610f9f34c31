package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/test/poll"
)

// Texts of requests and responses. No log may contain them.
const (
	privateArgument = "an-argument-of-a-call"
	privateResult   = "a-result-of-the-fixture"
	privateHeader   = "a-value-of-a-header"
	privateName     = "a-name-chosen-by-the-caller"
)

// TestNothingPrivateInTheLogs sends requests of every kind to every path of every shape, at
// the most verbose log level, and searches the logs of the real processes: they contain no
// key, argument, result or header, and each line about a request has the request's id.
func TestNothingPrivateInTheLogs(t *testing.T) {
	t.Parallel()
	for _, deployment := range []string{"full", "stream", "container", "jobs"} {
		t.Run(deployment, func(t *testing.T) {
			t.Parallel()
			s := start(t, deployment, built.fixtures, withEnv("LOG_LEVEL", "debug"), withEnv(settings.EnvMetricsServer, "e2e"), withEnv(settings.EnvMetricsByKey, "true"), unthrottled, withToken, withKeys(apikey.Key{ID: "all", SHA256: apikey.Hash(scopedKey)}, apikey.Key{ID: "one", SHA256: apikey.Hash(laterKey), Tools: []string{"size"}}))
			s.private = append(s.private, privateArgument, privateResult, privateHeader, privateName)
			sendEverything(t, s)
			if deployment == "jobs" {
				runPrivateJob(t, s)
			}
			for _, outcome := range []string{"ok", "tool error", "rejected", "not found or not allowed"} {
				poll.Until(t, "a line with outcome "+outcome, func() bool { return s.logs.count(`"message":"mcp request"`, `"outcome":"`+outcome+`"`) > 0 })
			}
			checkRequestLines(t, s, 12)
			// Check the search itself: it finds a text that was logged.
			if _, failure := s.call(t, scopedKey, "print", `{"text":"a-planted-secret"}`); failure != "" {
				t.Fatal(failure)
			}
			poll.Until(t, "the planted secret to be found", func() bool { return len(findPrivate(s.logs.String(), []string{"a-planted-secret"})) == 1 })
		})
	}
}

// runPrivateJob runs a job whose arguments, progress and result are private, and waits for
// its log line.
func runPrivateJob(t *testing.T, s *system) {
	t.Helper()
	a := s.task(t, scopedKey, "tools/call", "quiet", `"name":"quiet","arguments":{"text":"`+privateArgument+`"}`)
	id := regexp.MustCompile(`"taskId":"(\w+)"`).FindStringSubmatch(a.body)
	if id == nil {
		t.Fatalf("%d %s, want a task", a.status, a.body)
	}
	s.private = append(s.private, id[1])
	if got := s.waitForTask(t, scopedKey, id[1]); !strings.Contains(got, privateResult) {
		t.Errorf("the job ended with %s", got)
	}
	poll.Until(t, "the line of the job", func() bool { return s.logs.count(`"method":"job"`, `"tool":"quiet"`, `"keyId":"all"`) == 1 })
}

// sendEverything sends a request for each possible outcome.
func sendEverything(t *testing.T, s *system) {
	t.Helper()
	arguments := `{"text":"` + privateArgument + `"}`
	headers := []string{"X-Custom", privateHeader, "Cookie", "c=" + privateHeader, "Mcp-Protocol-Version", "2025-11-25", "User-Agent", "agent/" + scopedKey}
	send := func(method, path, body string, header ...string) response {
		return s.request(t, method, path, body, append(header, headers...)...)
	}
	post := func(key, method, params string) response {
		return send("POST", "/mcp", fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":%q,"params":%s}`, method, params), "x-api-key", key)
	}
	client := `{"name":"` + scopedKey + `","version":"` + deploymentKey + `"}`
	check(t, post(scopedKey, "initialize", `{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":`+client+`}`), http.StatusOK, `"serverInfo"`)
	check(t, post(scopedKey, "tools/list", "{}"), http.StatusOK, `"print"`)
	check(t, post(scopedKey, "tools/call", `{"name":"print","arguments":{"text":"nothing"}}`), http.StatusOK, privateResult)
	check(t, post(scopedKey, "tools/call", `{"name":"size","arguments":`+arguments+`}`), http.StatusOK, `"n":`)
	check(t, post(scopedKey, "tools/call", `{"name":"size","arguments":{"text":["`+privateArgument+`"]}}`), http.StatusOK, `"isError":true`)
	check(t, post(scopedKey, "tools/call", `{"name":"size","arguments":{"`+privateArgument+`":1}}`), http.StatusOK, `"isError":true`)
	check(t, post(scopedKey, "tools/call", `{"name":"fail","arguments":`+arguments+`}`), http.StatusOK, `"isError":true`)
	check(t, post(scopedKey, "tools/call", `{"name":"panic","arguments":`+arguments+`}`), http.StatusOK, `"isError":true`)
	check(t, post(scopedKey, "tools/call", `{"name":"`+privateName+`","arguments":`+arguments+`}`), http.StatusOK, "error")
	check(t, post(laterKey, "tools/call", `{"name":"print","arguments":`+arguments+`}`), http.StatusOK, "error")
	check(t, post(scopedKey, privateName, `{}`), http.StatusOK, "-32601")
	post(scopedKey, "resources/read", `{"uri":"x://`+privateName+`"}`)
	post(scopedKey, "prompts/get", `{"name":"`+privateName+`"}`)
	check(t, send("POST", "/mcp", `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":"`+privateArgument, "x-api-key", scopedKey), http.StatusBadRequest, "")
	check(t, send("POST", "/mcp", `{"jsonrpc":"2.0","method":"notifications/`+privateName+`"}`, "x-api-key", scopedKey), http.StatusAccepted, "")
	check(t, send("GET", "/mcp", "", "x-api-key", scopedKey), http.StatusMethodNotAllowed, "")
	send("POST", "/mcp/"+privateName+"?q="+privateName, "{}", "x-api-key", scopedKey)
	send("POST", "/"+privateName, "{}", "x-api-key", scopedKey)
	send("POST", "/mcp", "{}", "x-api-key", wrongKey)
	send("POST", "/mcp", "{}")
	meta := `"arguments":` + arguments + `,"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":` + client + `,"traceparent":"` + privateName + `"}`
	check(t, s.request(t, "POST", "/mcp", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"size",`+meta+`}}`,
		"x-api-key", scopedKey, "Mcp-Protocol-Version", "2026-07-28", "Mcp-Method", "tools/call", "Mcp-Name", "size", "X-Custom", privateHeader), http.StatusOK, `"n":`)
}

// checkRequestLines waits until the MCP server has logged n lines about requests, and checks
// all such lines. Each must have an id.
func checkRequestLines(t *testing.T, s *system, n int) {
	t.Helper()
	poll.Until(t, fmt.Sprintf("%d request lines", n), func() bool { return s.logs.count(`"message":"mcp request"`) >= n })
	for line := range strings.Lines(s.logs.String()) {
		_, text, _ := strings.Cut(line, ": ")
		var fields map[string]any
		if json.Unmarshal([]byte(text), &fields) != nil || fields["message"] != "mcp request" && fields["message"] != "authorizer result" {
			continue
		}
		if id, _ := fields["requestId"].(string); id == "" && fields["count"] == nil {
			t.Errorf("a line without requestId: %s", line)
		}
		if fields["message"] == "mcp request" && (fields["_aws"] == nil || fields["Server"] != "e2e") {
			t.Errorf("a line without metrics: %s", line)
		}
		if cold, ok := fields["coldStart"].(bool); !ok && fields["requestId"] != nil {
			t.Errorf("coldStart is %v: %s", cold, line)
		}
	}
}
