package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/test/poll"
)

// event is a message of a streamed response.
type event struct {
	Method string
	Params struct{ Progress float64 }
	Result json.RawMessage
	Error  *struct{ Message string }
}

// openStream calls the fixture's steps with a progress token. The stream breaks after
// poll.Timeout.
func (s *system) openStream(t *testing.T, arguments string) *http.Response {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), poll.Timeout)
	t.Cleanup(cancel)
	body := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"steps","arguments":` + arguments + `,"_meta":{"progressToken":"p"}}}`
	r, err := http.NewRequestWithContext(ctx, "POST", s.URL+"/mcp", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	r.Header.Set("x-api-key", deploymentKey)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// events reads all events of a stream; end is the error at its end, if any.
func events(t *testing.T, resp *http.Response) (all []event, end error) {
	t.Helper()
	return confirmed(t, resp, "")
}

// confirmed is like events, and confirms each notification in a folder, if it is not "": only
// then does the fixture's steps send the next one, or end.
func confirmed(t *testing.T, resp *http.Response, folder string) (all []event, end error) {
	t.Helper()
	if got := resp.Header.Get("Content-Type"); got != "text/event-stream" || resp.Header.Get("X-Accel-Buffering") != "no" {
		t.Errorf("the response is %d %s, X-Accel-Buffering %q; want an unbuffered stream", resp.StatusCode, got, resp.Header.Get("X-Accel-Buffering"))
	}
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var e event
		if err := json.Unmarshal([]byte(data), &e); err != nil {
			t.Fatalf("%v: %s", err, data)
		}
		if all = append(all, e); folder != "" && e.Method == "notifications/progress" {
			confirm(t, folder, int(e.Params.Progress))
		}
	}
	return all, lines.Err()
}

// confirm confirms the notification of a step.
func confirm(t *testing.T, folder string, step int) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, strconv.Itoa(step)), nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

// reported returns the progress of the events, in order.
func reported(all []event) (steps []float64) {
	for _, e := range all {
		if e.Method == "notifications/progress" {
			steps = append(steps, e.Params.Progress)
		}
	}
	return steps
}

// TestStreamArrivesAsItHappens: progress arrives while the tool works, each
// notification before the next is sent.
func TestStreamArrivesAsItHappens(t *testing.T) {
	s := start(t, "stream", built.fixtures)
	check(t, s.rpc(t, deploymentKey, "tools/list", "{}"), http.StatusOK, `"steps"`) // the cold start
	const n = 20
	folder := t.TempDir()
	all, err := confirmed(t, s.openStream(t, fmt.Sprintf(`{"n":%d,"confirm":%q}`, n, folder)), folder)
	if err != nil || len(all) != n+1 || len(reported(all)) != n || all[n].Result == nil {
		t.Fatalf("got %d events, %d of them progress, %v; want %d and a result", len(all), len(reported(all)), err, n)
	}
}

// TestStreamLosesNothing: no notification is lost, however fast the tool sends them.
func TestStreamLosesNothing(t *testing.T) {
	t.Parallel()
	s := start(t, "stream", built.fixtures)
	for run := range 200 {
		n := 1 + run%8
		all, err := events(t, s.openStream(t, fmt.Sprintf(`{"n":%d}`, n)))
		if got := reported(all); err != nil || len(all) != n+1 || len(got) != n || got[0] != 1 || got[n-1] != float64(n) || all[n].Result == nil {
			t.Fatalf("run %d: reports %v of %d in %d events, %v", run, got, n, len(all), err)
		}
	}
}

// TestStreamClientDisconnects: Lambda does not report disconnects. The function
// runs until it returns, and the next call gets the same process.
func TestStreamClientDisconnects(t *testing.T) {
	t.Parallel()
	s := start(t, "stream", built.fixtures)
	folder := t.TempDir()
	resp := s.openStream(t, fmt.Sprintf(`{"n":10,"confirm":%q}`, folder))
	if _, err := bufio.NewReader(resp.Body).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if n := s.logs.count("steps done"); n != 0 {
		t.Fatal("the tool finished before the client disconnected")
	}
	for step := range 10 {
		confirm(t, folder, step+1)
	}
	poll.Until(t, "the function to finish", func() bool { return s.logs.count("mcpstream", "steps done: 10") == 1 && s.logs.count("REPORT") == 1 })
	check(t, s.rpc(t, deploymentKey, "tools/list", "{}"), http.StatusOK, `"steps"`)
	if n := s.logs.count("Init Duration"); n != 1 {
		t.Errorf("%d processes were started, want 1", n)
	}
}

// TestStreamEndsBadly: if a tool exceeds its timeout, the stream ends with an error; if the
// process dies, the connection breaks.
func TestStreamEndsBadly(t *testing.T) {
	t.Parallel()
	s := start(t, "stream", built.fixtures, withTimeout(local.MCPStreamID, 5*time.Second))
	all, err := events(t, s.openStream(t, `{"n":2,"then":"wait"}`))
	if err != nil || len(all) != 3 || all[2].Error == nil || all[2].Error.Message != "the call did not finish in time" {
		t.Errorf("timeout: %+v, %v; want two reports and an error", all, err)
	}
	folder := t.TempDir()
	all, err = confirmed(t, s.openStream(t, fmt.Sprintf(`{"n":2,"then":"exit","confirm":%q}`, folder)), folder)
	if err == nil || len(all) != 2 {
		t.Errorf("the process died: %+v, %v; want two reports and a broken connection", all, err)
	}
	all, err = events(t, s.openStream(t, `{"n":2}`))
	if err != nil || len(all) != 3 {
		t.Errorf("the next call: %+v, %v", all, err)
	}
}

// TestStreamKeys: the function decides on keys as the authorizer does.
func TestStreamKeys(t *testing.T) {
	t.Parallel()
	s := start(t, "stream", built.fixtures, withKeys(
		apikey.Key{ID: "scoped", SHA256: apikey.Hash(scopedKey), Tools: []string{"size"}},
		apikey.Key{ID: "over", SHA256: apikey.Hash(endingKey), Expires: time.Now().Add(-time.Minute)},
	))
	list := `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`
	for _, c := range []struct {
		name, path string
		header     []string
		status     int
		want       string
	}{
		{"a key", "/mcp", []string{"x-api-key", deploymentKey}, http.StatusOK, `"steps"`},
		{"trailing slash", "/mcp/", []string{"x-api-key", deploymentKey}, http.StatusOK, `"steps"`},
		{"none", "/mcp", nil, http.StatusUnauthorized, `{"message":"Unauthorized"}`},
		{"unknown", "/mcp", []string{"x-api-key", wrongKey}, http.StatusForbidden, `{"message":"Forbidden"}`},
		{"unknown, again", "/mcp", []string{"x-api-key", wrongKey}, http.StatusForbidden, `{"message":"Forbidden"}`},
		{"bearer token", "/bearer/mcp", []string{"Authorization", "Bearer " + deploymentKey}, http.StatusOK, `"steps"`},
		{"other path", "/", []string{"x-api-key", deploymentKey}, http.StatusNotFound, ``},
		{"foreign origin", "/mcp", []string{"x-api-key", deploymentKey, "Origin", "https://evil.example"}, http.StatusForbidden, ``},
	} {
		check(t, s.request(t, "POST", c.path, list, c.header...), c.status, c.want)
	}
	// The server denies an expired key only after it has read the keys again.
	poll.Until(t, "the key to expire", func() bool { return s.rpc(t, endingKey, "tools/list", "{}").status == http.StatusForbidden })
	if a := s.rpc(t, scopedKey, "tools/list", "{}"); strings.Contains(a.body, `"steps"`) || !strings.Contains(a.body, `"size"`) {
		t.Errorf("a key for one tool lists %s", a.body)
	}
	get := s.request(t, "GET", "/mcp", "", "x-api-key", deploymentKey)
	if check(t, get, http.StatusMethodNotAllowed, ""); get.header.Get("Allow") != "POST" {
		t.Errorf("GET: Allow is %q", get.header.Get("Allow"))
	}
	pre := s.request(t, "OPTIONS", "/mcp", "", "Origin", "https://app.example.com", "Access-Control-Request-Method", "POST")
	if got := pre.header.Get("Access-Control-Allow-Origin"); got != "https://app.example.com" {
		t.Errorf("preflight: %d, allows origin %q", pre.status, got)
	}
}

// TestStreamCannotDecide: without a keyring, no key is allowed and no denial is
// cached.
func TestStreamCannotDecide(t *testing.T) {
	t.Parallel()
	s := start(t, "stream", built.fixtures)
	s.faults.set(&awsfake.Fault{Hangup: true})
	check(t, s.rpc(t, deploymentKey, "tools/list", "{}"), http.StatusInternalServerError, internalError)
	s.faults.set(nil)
	check(t, s.rpc(t, deploymentKey, "tools/list", "{}"), http.StatusOK, `"tools"`)
}

// TestStreamListen: the server acknowledges subscriptions/listen and ends it immediately,
// because its lists never change.
func TestStreamListen(t *testing.T) {
	t.Parallel()
	s := start(t, "stream", built.fixtures, withTimeout(local.MCPStreamID, 5*time.Minute)) // without the end, the response would take as long
	began := time.Now()
	a := s.modern(t, deploymentKey, "subscriptions/listen", "", `,"notifications":{"toolsListChanged":true}`)
	check(t, a, http.StatusOK, "notifications/subscriptions/acknowledged")
	if !strings.Contains(a.body, `"resultType":"complete"`) || time.Since(began) > 4*time.Minute {
		t.Errorf("after %v: %s", time.Since(began), a.body)
	}
}

// TestBothShapes: two shapes serve the same tools with the same keys.
func TestBothShapes(t *testing.T) {
	t.Parallel()
	s := start(t, "shapes", built.fixtures)
	check(t, s.rpc(t, deploymentKey, "tools/list", "{}"), http.StatusOK, `"steps"`)
	stream := &system{System: &local.System{URL: s.StreamURL}}
	check(t, stream.rpc(t, deploymentKey, "tools/list", "{}"), http.StatusOK, `"steps"`)
	check(t, stream.rpc(t, wrongKey, "tools/list", "{}"), http.StatusForbidden, "")
	if s.logs.count("mcpstream: ", "START") != 2 || s.logs.count("mcp: ", "START") != 1 {
		t.Error("the calls reached other functions")
	}
}
