package e2e

import (
	"context"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/test/poll"
)

// startStateful runs two tasks that keep sessions, as the template declares.
func startStateful(t *testing.T) *system {
	t.Helper()
	return start(t, "sessions", built.fixtures, func(topology *local.Topology, _ *local.Options) {
		if c := topology.Container; c.Env["SESSION_SECRET"] == "" || !c.Sticky || c.Tasks != 2 {
			t.Errorf("the template has %+v", c)
		}
	})
}

// sessionClient is mcp-go's client of 2025-11-25, with counters.
type sessionClient struct {
	*client.Client
	reports atomic.Int64

	mu    sync.Mutex
	tasks map[string]int // requests by task
}

// RoundTrip implements http.RoundTripper.
func (c *sessionClient) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, cookie := range response.Cookies() {
			c.tasks[cookie.Value]++
		}
	}
	return response, err
}

// connectLegacy starts a session. With a jar the client keeps cookies.
func connectLegacy(t *testing.T, s *system, jar http.CookieJar) *sessionClient {
	t.Helper()
	c := &sessionClient{tasks: map[string]int{}}
	var err error
	c.Client, err = client.NewStreamableHttpClient(s.URL+"/mcp",
		transport.WithHTTPHeaders(map[string]string{"x-api-key": deploymentKey}),
		transport.WithHTTPBasicClient(&http.Client{Transport: c, Jar: jar}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.OnNotification(func(n mcp.JSONRPCNotification) {
		if n.Method == "notifications/progress" {
			c.reports.Add(1)
		}
	})
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	request := mcp.InitializeRequest{}
	request.Params.ProtocolVersion = "2025-11-25"
	request.Params.ClientInfo = mcp.Implementation{Name: "e2e", Version: "1"}
	if _, err := c.Initialize(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	return c
}

// steps calls the fixture's steps with n progress notifications.
func (c *sessionClient) steps(ctx context.Context, n int) error {
	request := mcp.CallToolRequest{}
	request.Params.Name, request.Params.Arguments = "steps", map[string]any{"n": n}
	request.Params.Meta = &mcp.Meta{ProgressToken: "p"}
	_, err := c.CallTool(ctx, request)
	return err
}

// TestSessionsOnTwoTasks: a session works on both tasks, whether or not the client keeps
// cookies.
func TestSessionsOnTwoTasks(t *testing.T) {
	t.Parallel()
	s := startStateful(t)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, jar := range map[string]http.CookieJar{"without cookies": nil, "with cookies": jar} {
		c := connectLegacy(t, s, jar)
		for i := range 100 {
			if err := c.steps(t.Context(), 3); err != nil {
				t.Fatalf("%s: call %d: %v", name, i, err)
			}
		}
		if n := c.reports.Load(); n != 300 || c.GetSessionId() == "" {
			t.Errorf("%s: %d reports in session %q, want 300", name, n, c.GetSessionId())
		}
		c.mu.Lock()
		if a, b := c.tasks["1"], c.tasks["2"]; jar == nil && (a < 40 || b < 40) || jar != nil && a > 0 && b > 0 {
			t.Errorf("%s: requests by task: %v", name, c.tasks)
		}
		c.mu.Unlock()
	}
}

// TestSessionOfEndedTask: the sessions of a task end with the task. Other tasks then respond
// with 404, and the client starts a new session. No call hangs.
func TestSessionOfEndedTask(t *testing.T) {
	t.Parallel()
	s := startStateful(t)
	c := connectLegacy(t, s, nil)
	id := c.GetSessionId()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	request := mcp.CallToolRequest{}
	request.Params.Name = "exit" // runs on the task that owns the session
	if _, err := c.CallTool(ctx, request); err == nil {
		t.Error("the call that ended its task got a response")
	}
	poll.Until(t, "the task to be replaced", func() bool { return strings.Contains(s.logs.String(), "exited: ") && len(s.Tasks.Tasks()) == 2 })
	for range 4 {
		a := s.request(t, "POST", "/mcp", `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, "x-api-key", deploymentKey, "Mcp-Session-Id", id)
		check(t, a, http.StatusNotFound, "start a new one")
	}
	again := connectLegacy(t, s, nil)
	if err := again.steps(ctx, 3); err != nil || again.GetSessionId() == id {
		t.Errorf("a new session %q: %v", again.GetSessionId(), err)
	}
}
