package interop_test

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/test/interop"
)

// API keys of these tests.
const (
	rightKey = "interop-0123456789-abcdefghijklmnopqrstu"
	wrongKey = "interop-wrong-9876543210-abcdefghijklmno"
)

// sample is a call and the expected result.
type sample struct {
	call
	field string // member of the structured content; "" expects a tool error
	want  any    // its value, or a part of the error
}

// samples are the calls that every client makes: one of each sample tool, and one with an
// unknown id, which returns a tool error.
var samples = []sample{
	{call{"calculate", map[string]any{"operation": "multiply", "a": 6, "b": 7}}, "result", 42.0},
	{call{"get_server_status", map[string]any{}}, "region", "us-east-1"},
	{call{"get_weather", map[string]any{"city": "Lisbon"}}, "source", "sample"},
	{call{"lookup_user", map[string]any{"user_id": "u-1001"}}, "user_id", "u-1001"},
	{call{"lookup_user", map[string]any{"user_id": "nobody"}}, "", `there is no user "nobody"`},
}

// TestClients: third-party clients connect to the server as it is deployed, with the key in a
// header, list the tools and call them. With a wrong key they report the reason and do not
// hang.
func TestClients(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("../../../tools/calculate.go"); errors.Is(err, fs.ErrNotExist) {
		t.Skip("the sample tools have been deleted")
	}
	node := interop.Install(t)
	system := interop.Chain(t, "functions", map[string]string{
		"API_KEY": rightKey, "SERVER_NAME": "interop", "SHAPES": "http-api,stream,container",
		"CONTAINER_SESSIONS": "stateful", "CONTAINER_MIN_TASKS": "2",
		"THROTTLE_RATE": "1000", "THROTTLE_BURST": "1000",
	})
	gateway, stream, container := system.URL+"/mcp", system.StreamURL+"/mcp", system.ContainerURL+"/mcp"
	denied(t, gateway)
	for _, c := range clients(t, node) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			t.Run("through the gateway", func(t *testing.T) { checkCalls(t, c, address{url: gateway, key: rightKey, gateway: true}) })
			t.Run("through the Function URL", func(t *testing.T) { checkCalls(t, c, address{url: stream, key: rightKey}) })
			// None of the clients keeps cookies, so each reaches both tasks alternately.
			t.Run("through two tasks with sessions", func(t *testing.T) { checkCalls(t, c, address{url: container, key: rightKey, sessions: true}) })
			t.Run("with a wrong key", func(t *testing.T) { checkRejected(t, c, address{url: gateway, key: wrongKey, gateway: true}) })
		})
	}
}

// checkRejected checks that a client with a wrong key reports why it cannot connect.
func checkRejected(t *testing.T, c client, at address) {
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	h, err := c.talk(ctx, at, nil)
	if err == nil || ctx.Err() != nil || !strings.Contains(err.Error(), "403") && !strings.Contains(err.Error(), "Forbidden") {
		t.Errorf("%+v, %v (%v), want an error that mentions 403 Forbidden", h, err, ctx.Err())
	}
}

// timeout limits a client's run. It is generous, for the slowest machine.
const timeout = 5 * time.Minute

// checkCalls makes a client list and call the tools, and compares the results.
func checkCalls(t *testing.T, c client, at address) {
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	var calls []call
	for _, s := range samples {
		calls = append(calls, s.call)
	}
	h, err := c.talk(ctx, at, calls)
	if err != nil {
		t.Fatal(err)
	}
	if h.Protocol != c.protocol {
		t.Errorf("protocol %q, want %q", h.Protocol, c.protocol)
	}
	if want := at.sessions && c.protocol == "2025-11-25"; c.reportsSession && h.Session != want {
		t.Errorf("has a session: %v, want %v", h.Session, want)
	}
	if diff := cmp.Diff([]string{"calculate", "get_server_status", "get_weather", "lookup_user"}, h.Tools); diff != "" {
		t.Errorf("tools (-want +got):\n%s", diff)
	}
	if len(h.Results) != len(samples) {
		t.Fatalf("%d results, want %d", len(h.Results), len(samples))
	}
	for i, s := range samples {
		r := h.Results[i]
		switch {
		case s.field != "" && (r.IsError || r.StructuredContent[s.field] != s.want):
			t.Errorf("%s %v: %+v, want %s to be %v", s.Name, s.Arguments, r, s.field, s.want)
		case s.field == "" && (!r.IsError || len(r.Content) == 0 || !strings.Contains(r.Content[0].Text, s.want.(string))):
			t.Errorf("%s %v: %+v, want a tool error: %v", s.Name, s.Arguments, r, s.want)
		}
	}
}

// denied sends the wrong key until the gateway has cached the denial.
func denied(t *testing.T, url string) {
	t.Helper()
	for range 10 {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Api-Key", wrongKey)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode == http.StatusForbidden {
			return
		}
	}
	t.Fatal("the wrong key is not denied")
}
