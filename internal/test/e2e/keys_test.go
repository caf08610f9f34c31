package e2e

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/keys/revocation"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/test/poll"
)

// keysCommand runs mcpctl keys on a system as if it were mcpctl local.
type keysCommand struct {
	program, dir string
	clock        clock
}

func newKeysCommand(t *testing.T, s *system, c clock) keysCommand {
	t.Helper()
	d := keysCommand{program: built.mcpctl.get(t), dir: t.TempDir(), clock: c}
	if err := os.WriteFile(filepath.Join(d.dir, "cdk.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	state := local.State{URL: s.URL + "/mcp", PID: os.Getpid(), SecretsManager: s.Secrets.URL, APIGateway: s.APIGateway, Identity: s.Identity}
	if err := local.FolderIn(d.dir).WriteState(state); err != nil {
		t.Fatal(err)
	}
	return d
}

// command returns mcpctl keys with the local server as its target.
func (d keysCommand) command(stdin string, args ...string) *exec.Cmd {
	cmd := exec.Command(d.program, append(append([]string{"keys"}, args...), "--local")...)
	cmd.Dir, cmd.Stdin = d.dir, strings.NewReader(stdin)
	cmd.Env = append(cmd.Environ(), "CLOCK="+string(d.clock))
	return cmd
}

// keys runs mcpctl keys and returns its output.
func (d keysCommand) keys(t *testing.T, stdin string, args ...string) (stdout string) {
	t.Helper()
	cmd := d.command(stdin, args...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("mcpctl keys %v: %v\n%s", args, err, err.(*exec.ExitError).Stderr)
	}
	return strings.TrimSpace(string(out))
}

// TestIssuedKeys follows keys through the whole chain. The keyrings, the MCP function and
// mcpctl share a clock that advances while mcpctl waits for caches to expire. The gateway
// uses the machine's clock, on which its cached results expire as late as possible.
func TestIssuedKeys(t *testing.T) {
	t.Parallel()
	clock := newClock(t)
	s := start(t, "plain", built.fixtures, unthrottled, clock.use(local.AuthorizerID, local.MCPID))
	d := newKeysCommand(t, s, clock)
	status := func(key string) int { return s.rpc(t, key, "tools/list", "{}").status }
	alice := d.keys(t, "", "create", "alice", "--quiet")
	if got := status(alice); got != http.StatusOK {
		t.Fatalf("a new key: %d", got)
	}
	t.Run("scope", func(t *testing.T) {
		key := d.keys(t, "", "create", "scoped", "--tools", "size", "--quiet")
		if list := s.rpc(t, key, "tools/list", "{}"); !strings.Contains(list.body, `"size"`) || strings.Contains(list.body, `"setting"`) {
			t.Errorf("the key lists %s", list.body)
		}
		if a := s.rpc(t, key, "tools/call", `{"name":"setting","arguments":{}}`); !strings.Contains(a.body, `"error"`) {
			t.Errorf("the key called a tool outside its scope: %d %s", a.status, a.body)
		}
	})
	t.Run("expiry", func(t *testing.T) { testExpiry(t, d, status) })
	t.Run("rotate", func(t *testing.T) { testRotation(t, d, status, alice) })
	t.Run("revoke", func(t *testing.T) { testRevocation(t, d, status) })
	if text := s.logs.String(); strings.Contains(text, alice) || strings.Contains(text, apikey.Hash(alice)) {
		t.Error("a key or its hash is in the logs")
	}
}

// testExpiry tests that a key expires although the gateway caches its authorizer
// result.
func testExpiry(t *testing.T, d keysCommand, status func(string) int) {
	key := d.keys(t, "", "create", "short", "--expires", "2m", "--quiet")
	if got := status(key); got != http.StatusOK {
		t.Errorf("before it expired: %d", got)
	}
	begun := time.Now()
	d.clock.set(t, 2*time.Minute)
	poll.Until(t, "the key to be forbidden", func() bool { return status(key) == http.StatusForbidden })
	if took := time.Since(begun); took > 4*time.Minute { // the gateway's cache lasts for five, and a busy machine takes long
		t.Errorf("rejected %v after it expired", took)
	}
}

// testRotation tests that both keys work in the grace period, and afterwards only the new one.
// The command prints the new key first and then waits until the old one has expired.
func testRotation(t *testing.T, d keysCommand, status func(string) int, old string) {
	release := d.clock.hold(t)
	cmd := d.command("", "rotate", "alice", "--grace", "30s", "--quiet")
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	next := strings.TrimSpace(line)
	poll.Until(t, "the next key to work", func() bool { return status(next) == http.StatusOK })
	if got := status(old); got != http.StatusOK {
		t.Errorf("the old key in the grace period: %d", got)
	}
	release()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	// Right after a read, the authorizer returns an error for an unknown key.
	poll.Until(t, "the key to be forbidden", func() bool { return status(old) == http.StatusForbidden })
	if got := status(next); got != http.StatusOK {
		t.Errorf("the new key after the grace period: %d", got)
	}
}

// testRevocation tests that a key that is in every cache, because it is in use, is rejected in
// time.
func testRevocation(t *testing.T, d keysCommand, status func(string) int) {
	key := d.keys(t, "", "create", "bob", "--quiet")
	if got := status(key); got != http.StatusOK {
		t.Fatalf("before: %d", got)
	}
	begun := d.clock.now(t)
	out := d.keys(t, key, "revoke", "bob", "--yes")
	took := d.clock.now(t).Sub(begun)
	// Right after a read, the authorizer returns an error for an unknown key.
	if got := status(key); got == http.StatusOK {
		t.Errorf("the key is accepted %v after its revocation", took)
	}
	poll.Until(t, "the key to be forbidden", func() bool { return status(key) == http.StatusForbidden })
	printed := regexp.MustCompile(`^bob is revoked: the server rejects it, ([0-9.]+) s after the command started$`).FindStringSubmatch(out)
	if printed == nil {
		t.Fatalf("output %q", out)
	}
	if seconds, _ := strconv.ParseFloat(printed[1], 64); seconds > revocation.MaxDuration.Seconds() || seconds > took.Seconds()+0.1 || seconds < revocation.MaxStaleness(settings.AuthorizerTimeout).Seconds() {
		t.Errorf("the output says %s s after %v, want at most %v", printed[1], took, revocation.MaxDuration)
	}
	t.Log(out)
	var rows []struct{ Name string }
	if err := json.Unmarshal([]byte(d.keys(t, "", "list", "--json")), &rows); err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Name == "bob" {
			t.Error("keys list still has bob")
		}
	}
}

// TestBearerRoute: a separate endpoint accepts keys as bearer tokens, for clients that cannot
// send another header.
func TestBearerRoute(t *testing.T) {
	t.Parallel()
	const list = `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`
	s := start(t, "full", built.fixtures, withKeys(apikey.Key{ID: "all", SHA256: apikey.Hash(scopedKey)}))
	for _, tc := range []struct {
		path, header, value string
		status              int
	}{
		{"/bearer/mcp", "Authorization", "Bearer " + scopedKey, http.StatusOK},
		{"/bearer/mcp/", "Authorization", "bearer " + scopedKey, http.StatusOK},
		{"/bearer/mcp", "Authorization", "Bearer " + wrongKey, http.StatusForbidden},
		{"/bearer/mcp", "x-api-key", scopedKey, http.StatusUnauthorized},
		{"/mcp", "Authorization", "Bearer " + scopedKey, http.StatusUnauthorized},
		{"/mcp", "x-api-key", scopedKey, http.StatusOK},
	} {
		if got := s.request(t, "POST", tc.path, list, tc.header, tc.value); got.status != tc.status {
			t.Errorf("%s with %s: %d %s, want %d", tc.path, tc.header, got.status, got.body, tc.status)
		}
	}
	if got := s.request(t, "GET", "/bearer/mcp", "", "Authorization", "Bearer "+scopedKey); got.status != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d, want 405", got.status)
	}
	plain := start(t, "plain", built.fixtures)
	if got := plain.request(t, "POST", "/bearer/mcp", list, "Authorization", "Bearer "+deploymentKey); got.status != http.StatusNotFound {
		t.Errorf("without BEARER_ROUTE: %d, want 404", got.status)
	}
}
