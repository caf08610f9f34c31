package mcphttp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/mcp/mcpsession"
	"serverless-mcp/internal/test/rpc"
	"serverless-mcp/internal/tool"
)

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

// served is a server of mcpserver, whose hooks report the outcome of each request.
func served(t *testing.T) *server.MCPServer {
	t.Helper()
	type in struct {
		Text  string `json:"text,omitempty" doc:"any text"`
		Bytes int    `json:"bytes,omitempty" doc:"size of the result"`
	}
	define := func(name string) tool.Tool {
		return tool.New(tool.Info{Name: name, Description: "A fixture."}, func(_ context.Context, in in) (string, error) {
			return in.Text + strings.Repeat("x", in.Bytes), nil
		})
	}
	s, err := mcpserver.New(mcpserver.Options{Name: "fixture"}, tool.Set{Tools: []tool.Tool{define("echo"), define("large")}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// lines returns a log of JSON lines without time and level.
func lines(t *testing.T, log *bytes.Buffer) (all []map[string]any) {
	t.Helper()
	for line := range strings.Lines(log.String()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		delete(fields, "time")
		delete(fields, "level")
		all = append(all, fields)
	}
	return all
}

// logged returns options with a JSON log and a request id, and a clock that gains
// 1.5 ms at each reading.
func logged(log *bytes.Buffer) func(*mcphttp.Options) {
	clock := now
	return func(o *mcphttp.Options) {
		o.Log = slog.New(slog.NewJSONHandler(log, nil))
		o.RequestID = func(*http.Request) string { return "id-1" }
		o.Now = func() time.Time { clock = clock.Add(1500 * time.Microsecond); return clock }
	}
}

// modern returns a request of 2026-07-28 with more members in its _meta.
func modern(method, params, meta string) (body string, headers []string) {
	body = `{"jsonrpc":"2.0","id":1,"method":"` + method + `","params":{` + params + `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}` + meta + `}}}`
	return body, []string{"Mcp-Protocol-Version", "2026-07-28", "Mcp-Method", method}
}

// TestRequestLine: each request has one line, with the same names for every outcome.
func TestRequestLine(t *testing.T) {
	call := rpc.Call("1", "echo", `{"text":"s3cret"}`)
	modernCall, modernHeaders := modern("tools/call", `"name":"echo","arguments":{"text":"s3cret"},`,
		`,"io.modelcontextprotocol/clientInfo":{"name":"Claude Code","version":"2.1"},"traceparent":"`+traceparent+`"`)
	const initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"cursor\u202e","version":"1.2\n"}}}`
	type fields = map[string]any
	for name, test := range map[string]struct {
		method, body string
		headers      []string
		want         fields // without what all lines have
	}{
		"a call": {"", call, []string{"User-Agent", "Cursor/1.2 (mac)", "Mcp-Protocol-Version", "2025-11-25"},
			fields{"method": "tools/call", "outcome": "ok", "tool": "echo", "keyId": "ci", "client": "Cursor", "clientVersion": "1.2", "protocolVersion": "2025-11-25", "durationMs": 3.0}},
		"a call of 2026-07-28": {"", modernCall, append(modernHeaders, "Mcp-Name", "echo", "User-Agent", "node"),
			fields{"method": "tools/call", "outcome": "ok", "tool": "echo", "keyId": "ci", "client": "Claude Code", "clientVersion": "2.1", "protocolVersion": "2026-07-28", "traceparent": traceparent, "durationMs": 3.0}},
		"initialize": {"", initialize, nil,
			fields{"method": "initialize", "outcome": "ok", "keyId": "ci", "client": "cursor ", "clientVersion": "1.2 ", "protocolVersion": "2025-06-18", "durationMs": 3.0}},
		"an unknown tool": {"", rpc.Call("1", "s3cret", `{}`), nil,
			fields{"method": "tools/call", "outcome": "not found or not allowed", "keyId": "ci", "durationMs": 3.0}},
		"an unknown method": {"", `{"jsonrpc":"2.0","id":1,"method":"s3cret"}`, nil,
			fields{"status": 200.0, "method": "unknown", "outcome": "rejected", "code": -32601.0, "keyId": "ci", "durationMs": 3.0}},
		"no message": {"", `s3cret`, nil,
			fields{"status": 400.0, "outcome": "rejected", "reason": "the message is not valid JSON", "keyId": "ci", "durationMs": 3.0}},
		"a client without a key": {"", call, []string{"X-Api-Key", ""},
			fields{"status": 401.0, "outcome": "rejected", "reason": "no usable key", "durationMs": 1.5}},
		"GET": {"GET", "", nil,
			fields{"status": 405.0, "outcome": "rejected", "reason": "method not allowed", "httpMethod": "GET", "durationMs": 1.5}},
		"a method of the client's own": {"S3CRET", "", nil,
			fields{"status": 405.0, "outcome": "rejected", "reason": "method not allowed", "httpMethod": "OTHER", "durationMs": 1.5}},
		"too large a result": {"", rpc.Call("1", "large", `{"bytes":6000}`), nil,
			fields{"status": 200.0, "method": "tools/call", "outcome": "tool error", "tool": "large", "keyId": "ci", "reason": "", "durationMs": 3.0}},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			h, _ := newHandlerWith(served(t), logged(&log), func(o *mcphttp.Options) { o.MaxResponse = 5000 })
			method := test.method
			if method == "" {
				method = "POST"
			}
			w := do(h, method, "/mcp", test.body, test.headers...)
			got := lines(t, &log)
			if len(got) != 1 {
				t.Fatalf("%d lines: %s", len(got), &log)
			}
			line := got[0]
			if line["bytesOut"] != float64(w.Body.Len()) {
				t.Errorf("bytesOut is %v, want %d", line["bytesOut"], w.Body.Len())
			}
			if line["bytesIn"] != float64(len(test.body)) && line["bytesIn"] != 0.0 || line["method"] != nil && line["bytesIn"] == 0.0 {
				t.Errorf("bytesIn is %v of %d", line["bytesIn"], len(test.body))
			}
			delete(line, "bytesIn")
			delete(line, "bytesOut")
			if test.want["reason"] == "" {
				test.want["reason"] = line["reason"]
			}
			test.want["msg"], test.want["requestId"], test.want["coldStart"] = "mcp request", "id-1", true
			if diff := cmp.Diff(test.want, line); diff != "" {
				t.Errorf("line (-want +got):\n%s", diff)
			}
			if strings.Contains(strings.ToLower(log.String()), "s3cret") {
				t.Errorf("the log has the caller's text: %s", &log)
			}
		})
	}
}

// Only the first request of a process is a cold start, and a request without an id of
// AWS gets a generated one.
func TestColdStartAndGeneratedID(t *testing.T) {
	var log bytes.Buffer
	h, _ := newHandlerWith(served(t), logged(&log), func(o *mcphttp.Options) { o.RequestID = nil })
	post(h, rpc.Ping)
	post(h, rpc.Ping)
	got := lines(t, &log)
	if len(got) != 2 || got[0]["coldStart"] != true || got[1]["coldStart"] != false {
		t.Errorf("logged %s", &log)
	}
	if one, two := got[0]["requestId"], got[1]["requestId"]; one == two || len(one.(string)) < 20 {
		t.Errorf("request ids %q and %q", one, two)
	}
}

// A bearer token is also a key: it is not logged, even if it is in other headers too.
func TestBearerTokenInTheLog(t *testing.T) {
	var log bytes.Buffer
	h, _ := newHandlerWith(served(t), logged(&log))
	post(h, rpc.Ping, "X-Api-Key", "", "Authorization", "Bearer  t0ken ", "User-Agent", "my t0ken")
	if got := lines(t, &log); len(got) != 1 || got[0]["client"] != "my [key]" || strings.Contains(log.String(), "t0ken") {
		t.Errorf("logged %s", &log)
	}
}

// The line has the age of the keyring if it is known, even if it is zero.
func TestKeyringAgeInTheLine(t *testing.T) {
	for age, want := range map[time.Duration]any{0: 0.0, 1500 * time.Millisecond: 1500.0, -1: nil} {
		var log bytes.Buffer
		h, _ := newHandlerWith(served(t), logged(&log), func(o *mcphttp.Options) {
			o.Authenticate = func(r *http.Request) (apikey.Principal, error) {
				mcphttp.SetKeyringAge(r.Context(), age)
				return apikey.Principal{KeyID: "ci"}, nil
			}
		})
		post(h, rpc.Ping)
		if got := lines(t, &log); len(got) != 1 || got[0]["keyringAgeMs"] != want {
			t.Errorf("age %v: logged %s, want %v", age, &log, want)
		}
	}
}

// The line names what a lenient tool accepted.
func TestLenientInTheLine(t *testing.T) {
	var log bytes.Buffer
	h, _ := newHandlerWith(served(t), logged(&log))
	post(h, rpc.Call("1", "echo", `"{\"text\":\"a\"}"`))
	post(h, rpc.Call("1", "echo", `{"text":"a"}`))
	if got := lines(t, &log); len(got) != 2 || got[0]["lenient"] != "json-text" || got[1]["lenient"] != nil {
		t.Errorf("logged %s", &log)
	}
}

// Outside a request there is neither a line nor an id.
func TestNoRequestLine(t *testing.T) {
	mcphttp.SetKeyringAge(t.Context(), time.Second)
	if id := mcphttp.RequestID(t.Context()); id != "" {
		t.Errorf("id %q", id)
	}
}

// An id that contains the key is not logged. Other ids are, whether the request has a key
// or not.
func TestKeyAsRequestID(t *testing.T) {
	for id, generated := range map[string]bool{"1-good-2": true, "1-bad-2": false} {
		for _, key := range []string{"good", ""} {
			var log bytes.Buffer
			h, _ := newHandlerWith(served(t), logged(&log), func(o *mcphttp.Options) { o.RequestID = func(*http.Request) string { return id } })
			post(h, rpc.Ping, "X-Api-Key", key)
			if got := lines(t, &log); (got[0]["requestId"] == id) == (generated && key != "") || strings.Contains(log.String(), "good") && key != "" {
				t.Errorf("id %q, key %q: logged %s", id, key, &log)
			}
		}
	}
}

// TestHostileNames: the name that a client sends cannot forge a line, is shortened, and
// does not show its key.
func TestHostileNames(t *testing.T) {
	key := "good" // the fixture's
	for name, want := range map[string]string{
		`x\"},{\"level\":\"ERROR\"`:                             `x"},{"level":"ERROR"`,
		`a\r\nb\u0000\u001b[2J\u2028c`:                          "a  b  [2J c",
		strings.Repeat("y", 31) + " " + strings.Repeat("z", 40): strings.Repeat("y", 31) + " [redacted]",
		strings.Repeat("n ", 40):                                strings.Repeat("n ", 31) + "n…",
		"my key is " + key:                                      "my key is [key]",
	} {
		var log bytes.Buffer
		h, _ := newHandlerWith(served(t), logged(&log))
		body, headers := modern("tools/list", "", `,"io.modelcontextprotocol/clientInfo":{"name":"`+name+`","version":"`+name+`"}`)
		post(h, body, headers...)
		got := lines(t, &log)
		if len(got) != 1 || got[0]["client"] != want || got[0]["clientVersion"] != want {
			t.Errorf("%q: logged %s, want %q", name, &log, want)
		}
	}
}

func TestTraceparent(t *testing.T) {
	for value, want := range map[string]any{
		traceparent:                        traceparent,
		traceparent + "-more":              nil, // version 00 has no more fields
		"01" + traceparent[2:]:             "01" + traceparent[2:],
		"01" + traceparent[2:] + "-s3cret": "01" + traceparent[2:],
		"01" + traceparent[2:] + "s3cret":  nil,
		"ff" + traceparent[2:]:             nil,
		strings.ToUpper(traceparent):       nil,
		traceparent[:54]:                   nil,
		"00-" + strings.Repeat("0", 32) + "-b7ad6b7169203331-01":                 nil,
		"00-0af7651916cd43dd8448eb211c80319c-" + strings.Repeat("0", 16) + "-01": nil,
		"00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01":                nil,
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331_01":                nil,
		"00-0af7651916cd43dd8448eb211c8031zg-b7ad6b7169203331-01":                nil,
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333g-01":                nil,
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g":                nil,
		"0g" + traceparent[2:]: nil,
		"s3cret":               nil, "": nil,
	} {
		var log bytes.Buffer
		h, _ := newHandlerWith(served(t), logged(&log))
		body, headers := modern("tools/list", "", `,"traceparent":"`+value+`"`)
		post(h, body, headers...)
		got := lines(t, &log)
		if len(got) != 1 || got[0]["traceparent"] != want || strings.Contains(log.String(), "s3cret") {
			t.Errorf("%q: logged %s, want %v", value, &log, want)
		}
	}
}

// A session remembers the client of its initialize request.
func TestClientOfASession(t *testing.T) {
	var log bytes.Buffer
	store, err := mcpsession.New(mcpsession.Options{Secret: "0123456789abcdef"})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	h, _ := newHandlerWith(served(t), logged(&log), func(o *mcphttp.Options) { o.Sessions = store })
	w := post(h, `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"Cursor","version":"1.2"}}}`)
	id := w.Header().Get("Mcp-Session-Id")
	post(h, rpc.Ping, "Mcp-Session-Id", id, "User-Agent", "node")
	got := lines(t, &log)
	if id == "" || len(got) != 2 || got[1]["client"] != "Cursor" || got[1]["clientVersion"] != "1.2" {
		t.Errorf("session %q; logged %s", id, &log)
	}
}

// The outcome and the level in the log of a call that ended without a response of its tool.
func TestOutcomeOfACallThatEnds(t *testing.T) {
	cancelled := func(ctx context.Context) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(ctx)
		time.AfterFunc(time.Second, cancel)
		return ctx, cancel
	}
	late := func(ctx context.Context) (context.Context, context.CancelFunc) {
		return context.WithTimeout(ctx, 2*time.Second)
	}
	for name, test := range map[string]struct {
		tool, key string
		end       func(context.Context) (context.Context, context.CancelFunc)
		level     string
		outcome   string
		status    float64
	}{
		"a timeout":     {"hang", "good", late, "ERROR", "timeout", 504},
		"a disconnect":  {"hang", "good", cancelled, "WARN", "disconnected", 499},
		"a panic":       {"panic", "good", late, "ERROR", "error", 500},
		"undecided key": {"echo", "broken", late, "ERROR", "error", 500},
		"a wrong key":   {"echo", "forbidden", late, "WARN", "rejected", 403},
	} {
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			h, _ := newHandler(logged(&log))
			ctx, cancel := test.end(t.Context())
			defer cancel()
			post(withContext(h, ctx), rpc.Call("1", test.tool, "{}"), "X-Api-Key", test.key)
			var line map[string]any
			for text := range strings.Lines(log.String()) {
				line = nil
				if err := json.Unmarshal([]byte(text), &line); err != nil {
					t.Fatal(err)
				}
			}
			if line["msg"] != "mcp request" || line["level"] != test.level || line["outcome"] != test.outcome || line["status"] != test.status {
				t.Errorf("%s: %v, want level %s, outcome %q, status %v", name, line, test.level, test.outcome, test.status)
			}
			time.Sleep(time.Minute)
		})
	}
}
