package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/test/poll"
	"serverless-mcp/internal/test/project"
)

// API keys of these tests.
const (
	deploymentKey = "e2e-0123456789-abcdefghijklmnopqrstuvwxyz"
	scopedKey     = "e2e-scoped-0123456789-abcdefghijklmnopqrst"
	laterKey      = "e2e-later-0123456789-abcdefghijklmnopqrstu"
	endingKey     = "e2e-ending-0123456789-abcdefghijklmnopqrst"
	wrongKey      = "e2e-wrong-0123456789-abcdefghijklmnopqrstu"
)

// system is a running topology with its faults and logs.
type system struct {
	*local.System
	faults *faults
	logs   *logs

	private []string // texts that must not be in the logs
}

// option changes what is started.
type option func(*local.Topology, *local.Options)

// start runs functions as the template of a deployment declares them.
func start(t *testing.T, deployment string, functions once[string], options ...option) *system {
	t.Helper()
	return startTemplate(t, built.template[deployment].get(t), functions.get(t), options...)
}

func startTemplate(t *testing.T, template []byte, dir string, options ...option) *system {
	t.Helper()
	topology, err := local.FromTemplate(template)
	if err != nil {
		t.Fatal(err)
	}
	s := &system{faults: &faults{}, logs: &logs{}}
	o := local.Options{Binary: project.Binary(dir), Log: s.logs.writer, AccessLog: s.logs.writer("access"), Fail: s.faults.next, Values: map[string]string{}}
	for _, change := range options {
		change(&topology, &o)
	}
	s.private = privateTexts(o)
	if s.System, err = local.Start(topology, o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		s.checkPrivate(t, "the logs", s.logs.String())
		if s.logs.count(": SDK ") > 0 {
			t.Error("the AWS SDK logged something")
		}
		if t.Failed() {
			t.Logf("logs:\n%s", s.logs.String())
		}
	})
	return s
}

// privateTexts returns the tests' keys, their hashes, and the values of secrets.
func privateTexts(o local.Options) (all []string) {
	for _, key := range []string{deploymentKey, scopedKey, laterKey, endingKey, wrongKey} {
		all = append(all, key, apikey.Hash(key))
	}
	for id, value := range o.Values {
		if id != local.IssuedKeysID { // a list of hashes
			all = append(all, value)
		}
	}
	return all
}

// checkPrivate fails the test if text contains a key, a hash or a secret.
func (s *system) checkPrivate(t *testing.T, what, text string) {
	t.Helper()
	for _, private := range findPrivate(text, s.private) {
		t.Errorf("%s contain %.60q", what, private)
	}
}

// findPrivate returns the private texts that a text contains.
func findPrivate(text string, private []string) (all []string) {
	for _, p := range private {
		if strings.Contains(text, p) {
			all = append(all, p)
		}
	}
	return all
}

// withKeys issues keys, as mcpctl keys would.
func withKeys(keys ...apikey.Key) option {
	return func(_ *local.Topology, o *local.Options) {
		document, err := apikey.Document{Keys: keys}.Marshal()
		if err != nil {
			panic(err)
		}
		o.Values[local.IssuedKeysID] = string(document)
	}
}

// token is the value of the fixture's tool secret.
const token = "a-secret-of-the-fixture"

func withToken(_ *local.Topology, o *local.Options) {
	o.Values[settings.ToolSecretID("TOOL_SECRET_TOKEN")] = token
}

// withTimeout sets a function's timeout, so that a test need not wait for the template's
// timeout; zero keeps the template's. The gateway's timeout becomes at least as long, so that
// the gateway does not end the request on a slow machine.
func withTimeout(id string, timeout time.Duration) option {
	return func(t *local.Topology, _ *local.Options) {
		if timeout == 0 {
			return
		}
		f := t.Functions[id]
		f.Timeout = timeout
		t.Functions[id] = f
		t.Timeout = max(t.Timeout, timeout)
	}
}

// withEnv sets a variable of every process.
func withEnv(name, value string) option {
	return func(t *local.Topology, _ *local.Options) {
		for _, f := range t.Functions {
			f.Env[name] = value
		}
		if t.Container.Env != nil {
			t.Container.Env[name] = value
		}
	}
}

func unthrottled(t *local.Topology, _ *local.Options) { t.Throttle = local.Throttle{} }

// response is what a client receives.
type response struct {
	status int
	header http.Header
	body   string
}

// request sends a request with pairs of header name and value.
func (s *system) request(t *testing.T, method, path, body string, header ...string) response {
	t.Helper()
	req, err := http.NewRequest(method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json, text/event-stream")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	client := http.Client{Timeout: poll.Timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response{resp.StatusCode, resp.Header, string(text)}
}

// rpc posts a JSON-RPC request of 2025-11-25 with a key.
func (s *system) rpc(t *testing.T, key, method, params string) response {
	t.Helper()
	return s.request(t, "POST", "/mcp", fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":%q,"params":%s}`, method, params),
		"x-api-key", key, "Mcp-Protocol-Version", "2025-11-25")
}

// modern posts a request of 2026-07-28, which has no handshake: each request contains
// version and capabilities, and headers repeat method and name.
func (s *system) modern(t *testing.T, key, method, name, params string) response {
	t.Helper()
	meta := `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"e2e","version":"1"}}`
	body := fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":%q,"params":{%s%s}}`, method, meta, params)
	header := []string{"x-api-key", key, "Mcp-Protocol-Version", "2026-07-28", "Mcp-Method", method}
	if name != "" {
		header = append(header, "Mcp-Name", name)
	}
	return s.request(t, "POST", "/mcp", body, header...)
}

// call calls a tool and returns its structured content, or the text of a tool
// error.
func (s *system) call(t *testing.T, key, tool, arguments string) (result map[string]any, failure string) {
	t.Helper()
	a := s.rpc(t, key, "tools/call", fmt.Sprintf(`{"name":%q,"arguments":%s}`, tool, arguments))
	if a.status != http.StatusOK {
		t.Fatalf("%s %s: status %d: %.300s", tool, arguments, a.status, a.body)
	}
	return toolResult(t, a.body)
}

func toolResult(t *testing.T, body string) (result map[string]any, failure string) {
	t.Helper()
	var message struct {
		Result struct {
			Content           []struct{ Text string }
			StructuredContent map[string]any
			IsError           bool
		}
		Error struct{ Message string }
	}
	if err := json.Unmarshal([]byte(body), &message); err != nil {
		t.Fatalf("decode the response: %v: %.300s", err, body)
	}
	r := message.Result
	switch {
	case message.Error.Message != "":
		return nil, "protocol: " + message.Error.Message
	case r.IsError && len(r.Content) > 0:
		return nil, r.Content[0].Text
	}
	return r.StructuredContent, ""
}

// faults makes the fake Secrets Manager fail on demand.
type faults struct {
	mu  sync.Mutex
	now *awsfake.Fault
}

func (f *faults) set(fault *awsfake.Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = fault
}

func (f *faults) next(string) *awsfake.Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// logs collects what functions and gateway log.
type logs struct {
	mu    sync.Mutex
	lines bytes.Buffer
}

type logWriter struct {
	logs *logs
	name string
}

func (l *logs) writer(name string) io.Writer { return logWriter{l, name} }

func (w logWriter) Write(p []byte) (int, error) {
	w.logs.mu.Lock()
	defer w.logs.mu.Unlock()
	fmt.Fprintf(&w.logs.lines, "%s: %s\n", w.name, bytes.TrimRight(p, "\n"))
	return len(p), nil
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.String()
}

// count returns how many lines contain all the words.
func (l *logs) count(words ...string) int {
	n := 0
	for line := range strings.Lines(l.String()) {
		found := true
		for _, word := range words {
			found = found && strings.Contains(line, word)
		}
		if found {
			n++
		}
	}
	return n
}

// wantLines waits until n lines contain all the words, and fails the test if there are
// more. The output of a process may arrive after its response.
func (l *logs) wantLines(t *testing.T, n int, words ...string) {
	t.Helper()
	poll.Until(t, fmt.Sprintf("%d lines with %q", n, words), func() bool { return l.count(words...) >= n })
	if got := l.count(words...); got != n {
		t.Errorf("%d lines with %q, want %d", got, words, n)
	}
}
