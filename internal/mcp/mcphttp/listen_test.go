package mcphttp_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/test/rpc"
	"serverless-mcp/internal/tool"
)

// After a disconnect the tool continues, and the client resumes the stream at any
// task: it gets each missed event once.
func TestResume(t *testing.T) {
	step := make(chan struct{})
	owner, other := newTask(t, stepper(step)), newTask(t, fixture())
	for name, c := range map[string]struct{ call, resume task }{
		"at the owner":         {owner, owner},
		"through another task": {other, other},
		"from one to another":  {owner, other},
	} {
		t.Run(name, func(t *testing.T) {
			in := []string{"Mcp-Session-Id", begin(t, owner.URL), "Mcp-Protocol-Version", "2025-11-25"}
			ctx, disconnect := context.WithCancel(t.Context())
			stream := send(t, ctx, "POST", c.call.URL, rpc.Call("1", "step", `{}`), in...)
			// The first event has only the id to resume from; see the specification of 2025-11-25.
			got := eventsOf(t, stream, 2)
			if len(got) != 2 || got[0] != "2-0" || !strings.HasPrefix(got[1], `2-1 {`) {
				t.Fatalf("first events: %q", got)
			}
			disconnect()
			for range 3 {
				step <- struct{}{}
			}
			rest := eventsOf(t, send(t, t.Context(), "GET", c.resume.URL, "", append(in, "Last-Event-ID", "2-1")...), 10)
			if len(rest) != 3 || !strings.Contains(rest[0], `"progress":1`) || !strings.Contains(rest[1], `"progress":2`) || !strings.HasPrefix(rest[2], `2-4 {"jsonrpc":"2.0","id":1,"result"`) {
				t.Errorf("the rest: %q", rest)
			}
		})
	}
}

// A client that listens at another task gets the notifications of the session's
// owner.
func TestListeningThroughAnotherTask(t *testing.T) {
	s := fixture()
	owner, other := newTask(t, s), newTask(t, fixture())
	in := []string{"Mcp-Session-Id", begin(t, owner.URL), "Mcp-Protocol-Version", "2025-11-25"}
	stream := send(t, t.Context(), "GET", other.URL, "", in...)
	if got := eventsOf(t, stream, 1); len(got) != 1 || got[0] != "2-0" {
		t.Fatalf("first event: %q", got)
	}
	s.SendNotificationToAllClients("notifications/tools/list_changed", nil)
	if got := eventsOf(t, stream, 1); len(got) != 1 || got[0] != "2-1 "+changed {
		t.Errorf("got %q", got)
	}
}

// A cancelled call gets no response, and the same id in another session is another
// call.
// https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/cancellation
func TestCancelInASession(t *testing.T) {
	one := newTask(t, fixture())
	mine, other := begin(t, one.URL), begin(t, one.URL)
	stream := send(t, t.Context(), "POST", one.URL, rpc.Call(`"a"`, "hang", `{}`), "Mcp-Session-Id", mine, "Mcp-Protocol-Version", "2025-11-25")
	survivor := send(t, t.Context(), "POST", one.URL, rpc.Call(`"a"`, "hang", `{}`), "Mcp-Session-Id", other, "Mcp-Protocol-Version", "2025-11-25")
	const cancel = `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"a"}}`
	if got := send(t, t.Context(), "POST", one.URL, cancel, "Mcp-Session-Id", mine); got.StatusCode != http.StatusAccepted {
		t.Errorf("cancel: %s", got.Status)
	}
	if got := eventsOf(t, stream, 10); len(got) != 1 || got[0] != "2-0" {
		t.Errorf("the cancelled call's stream is %q, want nothing after the first event", got)
	}
	if got := send(t, t.Context(), "GET", one.URL, "", "Mcp-Session-Id", mine, "Last-Event-ID", "2-0"); got.StatusCode != http.StatusNoContent {
		t.Errorf("resuming: %s, want 204, which stops the client", got.Status)
	}
	if got := eventsOf(t, survivor, 1); len(got) != 1 { // the tool hangs
		t.Errorf("the other session's call: %q", got)
	}
	send(t, t.Context(), "DELETE", one.URL, "", "Mcp-Session-Id", other)
	if got := eventsOf(t, survivor, 10); len(got) != 1 {
		t.Errorf("after DELETE, the call's stream is %q", got)
	}
}

// TestCallsWithTheSameID: a client that numbers every request 1 gets each response on
// the request that it belongs to, buffered or streamed, whichever ends first.
func TestCallsWithTheSameID(t *testing.T) {
	running, finish := make(chan string), map[string]chan struct{}{"a": make(chan struct{}), "b": make(chan struct{})}
	s := server.NewMCPServer("fixture", "1")
	s.AddTool(mcp.NewTool("wait"), func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		name := r.GetString("name", "")
		running <- name
		select {
		case <-finish[name]:
			return mcp.NewToolResultText("result of " + name), nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
	one := newTask(t, s)
	id := begin(t, one.URL)
	for _, accept := range []string{"application/json", "application/json, text/event-stream"} {
		results := map[string]chan string{}
		for name := range finish {
			results[name] = make(chan string, 1)
			go func() {
				got := send(t, t.Context(), "POST", one.URL, rpc.Call("1", "wait", `{"name":"`+name+`"}`), "Mcp-Session-Id", id, "Accept", accept)
				body, _ := io.ReadAll(got.Body)
				results[name] <- got.Status + " " + string(body)
			}()
			<-running
		}
		// It is unknown which of the two the client means, so neither is cancelled.
		send(t, t.Context(), "POST", one.URL, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`, "Mcp-Session-Id", id)
		for _, name := range []string{"b", "a"} {
			finish[name] <- struct{}{}
			if got := <-results[name]; !strings.HasPrefix(got, "200") || !strings.Contains(got, `"text":"result of `+name+`"`) {
				t.Errorf("call %s got %s", name, got)
			}
		}
	}
	// A call whose id is unique is cancelled, and gets 202 if no stream has started.
	result := make(chan *http.Response, 1)
	go func() {
		result <- send(t, t.Context(), "POST", one.URL, rpc.Call("1", "wait", `{"name":"a"}`), "Mcp-Session-Id", id, "Accept", "application/json")
	}()
	<-running
	send(t, t.Context(), "POST", one.URL, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`, "Mcp-Session-Id", id)
	got := <-result
	if body, _ := io.ReadAll(got.Body); got.StatusCode != http.StatusAccepted || len(body) != 0 {
		t.Errorf("the cancelled call: %s %q", got.Status, body)
	}
}

// A call that the client's DELETE ends gets an error with the reason.
func TestDeleteEndsCalls(t *testing.T) {
	running := make(chan struct{})
	s := server.NewMCPServer("fixture", "1")
	s.AddTool(mcp.NewTool("wait"), func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		running <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	})
	one := newTask(t, s)
	want := rpc.Error("1", "-32600", "the session has ended: the client deleted it")
	for accept, status := range map[string]int{"application/json": 404, "application/json, text/event-stream": 200} {
		id := begin(t, one.URL)
		result := make(chan *http.Response, 1)
		go func() {
			result <- send(t, t.Context(), "POST", one.URL, rpc.Call("1", "wait", `{}`), "Mcp-Session-Id", id, "Accept", accept, "Mcp-Protocol-Version", "2025-11-25")
		}()
		<-running
		send(t, t.Context(), "DELETE", one.URL, "", "Mcp-Session-Id", id)
		got := <-result
		if body, _ := io.ReadAll(got.Body); got.StatusCode != status || !strings.Contains(string(body), want) {
			t.Errorf("%s: %s %s, want %d with %s", accept, got.Status, body, status, want)
		}
	}
}

const changed = `{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}`

// Each session gets a notification to all clients once, on the GET stream that its
// client started last, until the task shuts down. The first event has the id to
// resume from, so that nothing is lost before the next.
func TestMessagesBetweenCalls(t *testing.T) {
	s := fixture()
	one := newTask(t, s)
	id := begin(t, one.URL)
	listen := func(headers ...string) *http.Response {
		return send(t, t.Context(), "GET", one.URL, "", append([]string{"Mcp-Session-Id", id, "Mcp-Protocol-Version", "2025-11-25"}, headers...)...)
	}
	want := func(what string, stream *http.Response, n int, events ...string) {
		t.Helper()
		if diff := cmp.Diff(events, eventsOf(t, stream, n)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	first := listen()
	want("the first", first, 1, "2-0")
	second := listen()
	want("the second", second, 1, "3-0")
	want("the first, after the second", first, 1)
	s.SendNotificationToAllClients("notifications/tools/list_changed", nil)
	want("the second", second, 1, "3-1 "+changed)
	resumed := listen("Last-Event-ID", "3-0")
	want("the resumed stream", resumed, 1, "3-1 "+changed)
	want("the replaced connection", second, 1)
	if got := listen("Last-Event-ID", "2-0"); got.StatusCode != http.StatusNoContent {
		t.Errorf("resuming the first: %s", got.Status)
	}
	one.store.Close()
	want("after the shutdown", resumed, 1)
}

// Older clients fail to parse an event without data.
func TestNoPrimingForOlderClients(t *testing.T) {
	s := fixture()
	one := newTask(t, s)
	stream := send(t, t.Context(), "GET", one.URL, "", "Mcp-Session-Id", begin(t, one.URL), "Mcp-Protocol-Version", "2025-06-18")
	s.SendNotificationToAllClients("notifications/tools/list_changed", nil)
	if got := eventsOf(t, stream, 1); len(got) != 1 || got[0] != "2-1 "+changed {
		t.Errorf("got %q", got)
	}
}

// logging/setLevel applies to later calls of its session.
func TestLevelOfASession(t *testing.T) {
	s, err := mcpserver.New(mcpserver.Options{Name: "fixture", Streaming: true}, tool.Set{Tools: []tool.Tool{
		tool.New(tool.Info{Name: "work", Description: "For tests."}, func(ctx context.Context, _ struct{}) (string, error) {
			tool.Log(ctx, mcp.LoggingLevelInfo, "working")
			return "done", nil
		}),
	}})
	if err != nil {
		t.Fatal(err)
	}
	one := newTask(t, s)
	mine, other := begin(t, one.URL), begin(t, one.URL)
	for _, c := range []struct {
		level string
		sent  bool
	}{{"", true}, {"warning", false}, {"info", true}, {"error", false}} {
		if c.level != "" {
			send(t, t.Context(), "POST", one.URL, `{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"`+c.level+`"}}`, "Mcp-Session-Id", mine)
		}
		for id, sent := range map[string]bool{mine: c.sent, other: true} {
			body, err := io.ReadAll(send(t, t.Context(), "POST", one.URL, rpc.Call("2", "work", `{}`), "Mcp-Session-Id", id).Body)
			if got := strings.Contains(string(body), "notifications/message"); got != sent || err != nil {
				t.Errorf("level %q: sent %v, want %v: %s, %v", c.level, got, sent, body, err)
			}
		}
	}
}
