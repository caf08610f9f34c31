package e2e

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/test/poll"
	"serverless-mcp/internal/test/project"
)

// TestContainerKeys: the container decides on keys as the authorizer does, and
// responds to CORS preflights itself.
func TestContainerKeys(t *testing.T) {
	t.Parallel()
	s := start(t, "container", built.fixtures, withKeys(apikey.Key{ID: "scoped", SHA256: apikey.Hash(scopedKey), Tools: []string{"size"}}))
	list := `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`
	for range 2 { // each task
		check(t, s.rpc(t, deploymentKey, "tools/list", "{}"), http.StatusOK, `"steps"`)
		check(t, s.request(t, "POST", "/mcp", list), http.StatusUnauthorized, `{"message":"Unauthorized"}`)
		check(t, s.request(t, "GET", "/health", ""), http.StatusOK, `{"status":"ok"}`)
		poll.Until(t, "a wrong key to be forbidden", func() bool { return s.rpc(t, wrongKey, "tools/list", "{}").status == http.StatusForbidden })
	}
	if a := s.rpc(t, scopedKey, "tools/list", "{}"); strings.Contains(a.body, `"steps"`) || !strings.Contains(a.body, `"size"`) {
		t.Errorf("a key for one tool lists %s", a.body)
	}
	check(t, s.request(t, "POST", "/mcp", list, "x-api-key", deploymentKey, "Origin", "https://evil.example"), http.StatusForbidden, "")
	pre := s.request(t, "OPTIONS", "/mcp", "", "Origin", "https://app.example.com", "Access-Control-Request-Method", "POST")
	if got := pre.header.Get("Access-Control-Allow-Origin"); pre.status != http.StatusNoContent || got != "https://app.example.com" {
		t.Errorf("preflight: %d, allows origin %q", pre.status, got)
	}
}

func TestContainerSettingAndSecret(t *testing.T) {
	t.Parallel()
	s := start(t, "container", built.fixtures, withToken)
	if got, failure := s.call(t, deploymentKey, "setting", "{}"); got["text"] != "hello" {
		t.Errorf("TOOL_GREETING is %v %s, want hello", got, failure)
	}
	hash := sha256.Sum256([]byte(token))
	if got, failure := s.call(t, deploymentKey, "secret", "{}"); got["text"] != hex.EncodeToString(hash[:]) {
		t.Errorf("the secret did not arrive: %v %s", got, failure)
	}
}

// TestContainerClientDisconnects: unlike on Lambda, a disconnect ends the tool's
// context.
func TestContainerClientDisconnects(t *testing.T) {
	t.Parallel()
	s := start(t, "container", built.fixtures)
	ctx, cancel := context.WithCancel(t.Context())
	body := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait","arguments":{}}}`
	r, err := http.NewRequestWithContext(ctx, "POST", s.URL+"/mcp", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("x-api-key", deploymentKey)
	over := make(chan error)
	go func() {
		_, err := http.DefaultClient.Do(r)
		over <- err
	}()
	poll.Until(t, "the tool to run", func() bool { return s.logs.count("mcpd", "wait began") == 1 })
	if n := s.logs.count("mcpd", `"mcp request"`); n != 0 {
		t.Errorf("%d request lines before the call ended", n)
	}
	cancel()
	if err := <-over; err == nil {
		t.Error("there was a response")
	}
	poll.Until(t, "the tool to be cancelled", func() bool { return s.logs.count("mcpd", "wait ended: context canceled") == 1 })
	s.logs.wantLines(t, 1, "mcpd", `"mcp request"`)
	if n := s.logs.count("mcpd", `"mcp request"`, `"outcome":"disconnected"`, `"tool":"wait"`, `"keyringAgeMs"`); n != 1 || s.logs.count("mcpd", "authorizer result") != 0 {
		t.Errorf("the request line of a call whose client disconnected: %s", s.logs)
	}
}

// TestContainerRollingRestart replaces tasks one by one, as a deployment does. Calls in
// progress finish, and no call is lost.
func TestContainerRollingRestart(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no SIGTERM")
	}
	t.Parallel()
	s := start(t, "container", built.fixtures)
	before := s.Tasks.Tasks()
	long := s.openStream(t, `{"n":20,"every_ms":50}`) // returns with the first notification
	over := make(chan struct{})
	var load sync.WaitGroup
	for range 3 {
		load.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-over:
					return
				default:
					if result, failure := s.call(t, deploymentKey, "size", fmt.Sprintf(`{"text":%q}`, strings.Repeat("x", n%50))); result["n"] != float64(n%50) {
						t.Errorf("a call was lost: %v %s", result, failure)
						return
					}
				}
			}
		})
	}
	for range 2 {
		if err := s.Replace(project.Binary(built.fixtures.get(t))); err != nil {
			t.Error(err)
		}
	}
	close(over)
	load.Wait()
	all, err := events(t, long)
	if got := reported(all); err != nil || len(got) != 20 || all[len(all)-1].Result == nil {
		t.Errorf("the long call: %d notifications, %v", len(got), err)
	}
	for _, address := range s.Tasks.Tasks() {
		if slices.Contains(before, address) {
			t.Errorf("task %s still runs", address)
		}
	}
	poll.Until(t, "four tasks to end", func() bool { return s.logs.count("mcpd", `"message":"shutdown complete"`) == 4 })
}

// TestContainerTaskDies: a task that dies is replaced, and only calls on that task fail.
func TestContainerTaskDies(t *testing.T) {
	t.Parallel()
	s := start(t, "container", built.fixtures)
	check(t, s.rpc(t, deploymentKey, "tools/call", `{"name":"exit","arguments":{}}`), http.StatusBadGateway, "")
	poll.Until(t, "another task", func() bool {
		return s.rpc(t, deploymentKey, "tools/list", "{}").status == http.StatusOK && len(s.Tasks.Tasks()) == 2
	})
}

// TestContainerStreams: notifications arrive as they happen, and none is lost in
// the load balancer.
func TestContainerStreams(t *testing.T) {
	t.Parallel()
	s := start(t, "container", built.fixtures)
	for run := range 100 {
		n := 1 + run%8
		all, err := events(t, s.openStream(t, fmt.Sprintf(`{"n":%d}`, n)))
		if got := reported(all); err != nil || len(all) != n+1 || len(got) != n || all[n].Result == nil {
			t.Fatalf("run %d: reports %v of %d in %d events, %v", run, got, n, len(all), err)
		}
	}
	folder := t.TempDir()
	all, err := confirmed(t, s.openStream(t, fmt.Sprintf(`{"n":3,"confirm":%q}`, folder)), folder)
	if err != nil || len(all) != 4 {
		t.Errorf("%d events arrived as they happened, %v; want 4", len(all), err)
	}
}
