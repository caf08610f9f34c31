package mcphttp_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcphttp"
)

func TestWhoAmI(t *testing.T) {
	at := time.Date(2026, 11, 28, 12, 0, 37, 0, time.UTC)
	limits := apikey.Limits{Minute: 60, Day: 5000}
	use := func(minute, day int, err error) func(context.Context, apikey.Principal) (int, int, error) {
		return func(context.Context, apikey.Principal) (int, int, error) { return minute, day, err }
	}
	for name, tt := range map[string]struct {
		p       apikey.Principal
		usage   func(context.Context, apikey.Principal) (int, int, error)
		method  string // empty means GET
		path    string // empty means /mcp/whoami
		refused error
		status  int
		body    string
		log     string // "" expects the line of a request that was served
	}{
		"all tools": {p: apikey.Principal{KeyID: "default"}, status: 200, body: `{"keyId":"default","tools":null}`},
		"scope and expiry": {p: apikey.Principal{KeyID: "alice", Tools: []string{"a"}, Expires: at.Add(time.Hour)}, status: 200,
			body: `{"keyId":"alice","tools":["a"],"expires":"2026-11-28T13:00:37Z"}`},
		"limits": {p: apikey.Principal{KeyID: "alice", Limits: limits}, usage: use(7, 100, nil), status: 200,
			body: `{"keyId":"alice","tools":null,"minute":{"limit":60,"used":7,"left":53,"resetSeconds":23},"day":{"limit":5000,"used":100,"left":4900,"resetSeconds":43163},"usage":"counted"}`},
		"used up by a higher limit": {p: apikey.Principal{KeyID: "alice", Limits: apikey.Limits{Day: 5}}, usage: use(7, 100, nil), status: 200,
			body: `{"keyId":"alice","tools":null,"day":{"limit":5,"used":100,"left":0,"resetSeconds":43163},"usage":"counted"}`},
		"not counted": {p: apikey.Principal{KeyID: "alice", Limits: apikey.Limits{Minute: 60}}, status: 200,
			body: `{"keyId":"alice","tools":null,"minute":{"limit":60,"resetSeconds":23},"usage":"off"}`},
		"unavailable": {p: apikey.Principal{KeyID: "alice", Limits: apikey.Limits{Minute: 60}}, usage: use(0, 0, errors.New("table down")), status: 200,
			body: `{"keyId":"alice","tools":null,"minute":{"limit":60,"resetSeconds":23},"usage":"unavailable"}`, log: "table down"},
		"POST":             {p: apikey.Principal{KeyID: "alice"}, method: "POST", status: 405, body: `{"message":"Method Not Allowed"}`, log: "method not allowed"},
		"wrong key":        {refused: mcphttp.ErrForbidden, status: 403, body: `{"message":"Forbidden"}`, log: "key not allowed"},
		"no key":           {refused: mcphttp.ErrUnauthorized, status: 401, body: `{"message":"Unauthorized"}`, log: "no usable key"},
		"expired":          {p: apikey.Principal{KeyID: "alice", Expires: at}, status: 403, body: `{"message":"Forbidden"}`, log: "key expired"},
		"below whoami":     {p: apikey.Principal{KeyID: "alice"}, path: "/mcp/whoami/x", status: 404, body: `{"message":"Not Found"}`, log: "no such path"},
		"no endpoint":      {p: apikey.Principal{KeyID: "alice"}, path: "/whoami", status: 404, body: `{"message":"Not Found"}`, log: "no such path"},
		"another endpoint": {p: apikey.Principal{KeyID: "alice"}, path: "/signin/mcp/whoami", status: 404, body: `{"message":"Not Found"}`, log: "no such path"},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			h := mcphttp.New(fixture(), mcphttp.Options{
				Authenticate: func(*http.Request) (apikey.Principal, error) { return tt.p, tt.refused },
				Usage:        tt.usage, Now: func() time.Time { return at }, Log: slog.New(slog.NewJSONHandler(&log, nil)),
			})
			method, path := tt.method, tt.path
			if method == "" {
				method = "GET"
			}
			if path == "" {
				path = "/mcp/whoami"
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
			if got := strings.TrimSpace(w.Body.String()); w.Code != tt.status || got != tt.body {
				t.Errorf("got %d %s, want %d %s", w.Code, got, tt.status, tt.body)
			}
			if w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("Cache-Control is %q", w.Header().Get("Cache-Control"))
			}
			want := tt.log
			if want == "" {
				want = `"method":"whoami","outcome":"ok"`
			}
			if !strings.Contains(log.String(), want) {
				t.Errorf("logged %s, want %s", &log, want)
			}
		})
	}
}
