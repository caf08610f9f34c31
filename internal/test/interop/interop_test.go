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

// Keys of these tests. They open nothing outside of them.
const (
	rightKey = "interop-0123456789-abcdefghijklmnopqrstu"
	wrongKey = "interop-wrong-9876543210-abcdefghijklmno"
)

// samples are what every client calls: each sample tool, and one with an id
// that does not exist, which is a tool error.
var samples = []struct {
	call
	field string // of the structured content; "" wants a tool error
	want  any    // its value, or a part of the error
}{
	{call{"calculate", map[string]any{"operation": "multiply", "a": 6, "b": 7}}, "result", 42.0},
	{call{"get_server_status", map[string]any{}}, "region", "us-east-1"},
	{call{"get_weather", map[string]any{"city": "Lisbon"}}, "source", "sample"},
	{call{"lookup_user", map[string]any{"user_id": "u-1001"}}, "user_id", "u-1001"},
	{call{"lookup_user", map[string]any{"user_id": "nobody"}}, "", `there is no user "nobody"`},
}

// Clients that we did not write connect to the server as it is deployed, with
// the key in a header, list the tools and call them; with a wrong key they fail,
// and say why, and do not hang.
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
			t.Run("through the gateway", func(t *testing.T) { understands(t, c, address{url: gateway, key: rightKey}) })
			t.Run("through the Function URL", func(t *testing.T) { understands(t, c, address{url: stream, key: rightKey}) })
			// No client here keeps cookies, so each meets the two tasks in turn.
			t.Run("through two tasks with sessions", func(t *testing.T) { understands(t, c, address{container, rightKey, true}) })
			t.Run("with a wrong key", func(t *testing.T) { isRefused(t, c, address{url: gateway, key: wrongKey}) })
		})
	}
}

// isRefused has a client try, and wants to hear from it why it cannot.
func isRefused(t *testing.T, c client, at address) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	h, err := c.talk(ctx, at, nil)
	if err == nil || ctx.Err() != nil || !strings.Contains(err.Error(), "403") && !strings.Contains(err.Error(), "Forbidden") {
		t.Errorf("%+v, %v (%v), want an error that speaks of 403 Forbidden", h, err, ctx.Err())
	}
}

// understands has a client do everything, and compares what it made of it.
func understands(t *testing.T, c client, at address) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
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
	if want := at.sessions && c.protocol == "2025-11-25"; c.tellsSession && h.Session != want {
		t.Errorf("it has a session: %v, want %v", h.Session, want)
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

// denied asks with the wrong key until the gateway keeps the denial. A server
// that has read its keys a moment ago may answer 500 at first: it cannot yet
// tell a wrong key from a new one.
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
