package gateway

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// function is an Invoker that counts and records its calls.
type function struct {
	run func(event []byte) ([]byte, error)

	mu     sync.Mutex
	events [][]byte
}

func (f *function) Invoke(_ context.Context, event []byte) ([]byte, error) {
	f.mu.Lock()
	f.events = append(f.events, event)
	f.mu.Unlock()
	return f.run(event)
}

func (f *function) calls() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.events)
}

func responds(response string) *function {
	return &function{run: func([]byte) ([]byte, error) { return []byte(response), nil }}
}

func fails(err error) *function {
	return &function{run: func([]byte) ([]byte, error) { return nil, err }}
}

func slow(d time.Duration, response string) *function {
	return &function{run: func([]byte) ([]byte, error) { time.Sleep(d); return []byte(response), nil }}
}

const ok200 = `{"statusCode":200,"headers":{"content-type":"application/json"},"body":"{}"}`

// allow is an authorizer response that allows the request and names the key.
const allow = `{"isAuthorized":true,"context":{"keyId":"alice","tools":"*"}}`

func keyAuthorizer(f Invoker, ttl time.Duration) *Authorizer {
	return &Authorizer{IdentitySource: []string{"$request.header.x-api-key"}, Function: f, TTL: ttl}
}

func mustNew(t *testing.T, cfg Config) *API {
	t.Helper()
	if cfg.RequestID == nil {
		cfg.RequestID = func() string { return "JKJaXmPLvHcESHA=" }
	}
	api, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return api
}

func serve(h http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func request(method, target, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

func text(t *testing.T, res *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// TestRejections has a row for each response that the gateway generates itself.
func TestRejections(t *testing.T) {
	secret := errors.New("stack trace with a secret")
	withKey := func(body string) *http.Request {
		return request("POST", "/mcp", body, "X-Api-Key", "k", "Content-Type", "application/json")
	}
	tests := []struct {
		name       string
		authorizer Invoker
		function   Invoker
		request    *http.Request
		status     int
		body       string
		asked      int // calls of the authorizer
		ran        int // calls of the function
	}{
		{"no route", responds(allow), responds(ok200), request("POST", "/other", ""), 404, `{"message":"Not Found"}`, 0, 0},
		{"no route for the method", responds(allow), responds(ok200), request("PUT", "/mcp", ""), 404, `{"message":"Not Found"}`, 0, 0},
		{"HEAD is not GET", responds(allow), responds(ok200), request("HEAD", "/mcp", ""), 404, ``, 0, 0},
		{"no key", responds(allow), responds(ok200), request("POST", "/mcp", ""), 401, `{"message":"Unauthorized"}`, 0, 0},
		{"empty key", responds(allow), responds(ok200), request("POST", "/mcp", "", "X-Api-Key", ""), 401, `{"message":"Unauthorized"}`, 0, 0},
		{"denied", responds(`{"isAuthorized":false}`), responds(ok200), withKey(""), 403, `{"message":"Forbidden"}`, 1, 0},
		{"authorizer fails", fails(secret), responds(ok200), withKey(""), 500, `{"message":"Internal Server Error"}`, 1, 0},
		{"authorizer response without a result", responds(`{}`), responds(ok200), withKey(""), 500, `{"message":"Internal Server Error"}`, 1, 0},
		{"authorizer result is a string", responds(`{"isAuthorized":"true"}`), responds(ok200), withKey(""), 500, `{"message":"Internal Server Error"}`, 1, 0},
		{"authorizer response is not JSON", responds(`<html>`), responds(ok200), withKey(""), 500, `{"message":"Internal Server Error"}`, 1, 0},
		{"authorizer times out", slow(11*time.Second, allow), responds(ok200), withKey(""), 500, `{"message":"Internal Server Error"}`, 1, 0},
		{"function fails", responds(allow), fails(secret), withKey(""), 500, `{"message":"Internal Server Error"}`, 1, 1},
		{"invalid function response", responds(allow), responds(`{"statusCode":"x"}`), withKey(""), 500, `{"message":"Internal Server Error"}`, 1, 1},
		{"function times out", responds(allow), slow(31*time.Second, ok200), withKey(""), 503, `{"message":"Service Unavailable"}`, 1, 1},
		{"function has no capacity", responds(allow), fails(errNoCapacity), withKey(""), 503, `{"message":"Service Unavailable"}`, 1, 1},
		{"body over 10 MB", responds(allow), responds(ok200), withKey(strings.Repeat("a", 10<<20+1)), 413, `{"message":"Request Entity Too Large"}`, 0, 0},
		{"event over 6 MB", responds(allow), responds(ok200), withKey(strings.Repeat("a", 6<<20)), 413, `{"message":"Request Entity Too Large"}`, 1, 0},
		{"headers over 10,240 bytes", responds(allow), responds(ok200), request("POST", "/mcp", "", "X-Api-Key", strings.Repeat("k", 10_240)), 431, `{"message":"Request Header Fields Too Large"}`, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var access bytes.Buffer
				authorizer, integration := tt.authorizer.(*function), tt.function.(*function)
				api := mustNew(t, Config{
					Routes:      []Route{{Method: "POST", Path: "/mcp", Authorizer: keyAuthorizer(authorizer, time.Minute), Integration: integration}},
					AccessLog:   &access,
					Unavailable: func(err error) bool { return errors.Is(err, errNoCapacity) },
				})
				defer time.Sleep(time.Minute) // on the bubble's clock, so that late functions end
				res := serve(api, tt.request)
				if got := text(t, res); res.StatusCode != tt.status || got != tt.body {
					t.Errorf("got %d %s, want %d %s", res.StatusCode, got, tt.status, tt.body)
				}
				if got := res.Header.Get("Content-Type"); got != "application/json" {
					t.Errorf("Content-Type is %q", got)
				}
				if got := res.Header.Get("Apigw-Requestid"); got != "JKJaXmPLvHcESHA=" {
					t.Errorf("Apigw-Requestid is %q", got)
				}
				if authorizer.calls() != tt.asked || integration.calls() != tt.ran {
					t.Errorf("authorizer called %d times, function %d, want %d and %d", authorizer.calls(), integration.calls(), tt.asked, tt.ran)
				}
				if !json.Valid(access.Bytes()) {
					t.Errorf("access log line is not JSON: %s", access.String())
				}
			})
		})
	}
}

var errNoCapacity = errors.New("at the limit of instances")

// TestFunctionContinues: neither the gateway's timeout nor a client that
// disconnects cancels a function.
func TestFunctionContinues(t *testing.T) {
	tests := []struct {
		name string
		gone bool
		want int
	}{{"time-out", false, 503}, {"client disconnects", true, 200}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ended := make(chan error, 1)
				takes := 35 * time.Second
				if tt.gone {
					takes = 5 * time.Second
				}
				f := invokerFunc(func(ctx context.Context, _ []byte) ([]byte, error) {
					time.Sleep(takes)
					ended <- ctx.Err()
					return []byte(ok200), nil
				})
				api := mustNew(t, Config{Routes: []Route{{Method: "GET", Path: "/", Integration: f}}})
				ctx, cancel := context.WithCancel(t.Context())
				if tt.gone {
					time.AfterFunc(time.Second, cancel)
				}
				defer cancel()
				res := serve(api, request("GET", "/", "").WithContext(ctx))
				if res.StatusCode != tt.want {
					t.Errorf("got %d, want %d", res.StatusCode, tt.want)
				}
				if err := <-ended; err != nil {
					t.Errorf("the function was canceled: %v", err)
				}
			})
		})
	}
}

type invokerFunc func(context.Context, []byte) ([]byte, error)

func (f invokerFunc) Invoke(ctx context.Context, event []byte) ([]byte, error) { return f(ctx, event) }

func TestThrottle(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	f := responds(ok200)
	api := mustNew(t, Config{
		Routes:        []Route{{Method: "GET", Path: "/", Integration: f}},
		ThrottleRate:  2,
		ThrottleBurst: 3,
		Now:           func() time.Time { return now },
	})
	steps := []struct {
		after time.Duration
		path  string
		want  int
	}{
		{0, "/", 200}, {0, "/", 200}, {0, "/", 200}, {0, "/", 429},
		{0, "/other", 404}, // unrouted requests take nothing
		{500 * time.Millisecond, "/", 200}, {0, "/", 429},
		{time.Hour, "/", 200}, {0, "/", 200}, {0, "/", 200}, {0, "/", 429},
	}
	for i, s := range steps {
		now = now.Add(s.after)
		res := serve(api, request("GET", s.path, ""))
		if res.StatusCode != s.want {
			t.Errorf("step %d: got %d, want %d", i, res.StatusCode, s.want)
		}
		if body := text(t, res); res.StatusCode == 429 && body != `{"message":"Too Many Requests"}` {
			t.Errorf("step %d: body %s", i, body)
		}
	}
	if f.calls() != 7 {
		t.Errorf("function ran %d times, want 7", f.calls())
	}
}

// TestOverTheWire: behavior that only a real connection shows.
func TestOverTheWire(t *testing.T) {
	f := responds(`{"statusCode":200,"headers":{"server":"mine","date":"Thu, 01 Jan 1970 00:00:00 GMT","content-length":"999","connection":"close"},"cookies":["a=1","b=2"],"body":"hello"}`)
	srv := httptest.NewServer(mustNew(t, Config{Routes: []Route{
		{Method: "ANY", Path: "/mcp", Integration: f},
	}}))
	defer srv.Close()

	t.Run("the function's headers pass", func(t *testing.T) {
		res, err := http.Get(srv.URL + "/mcp")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		h := res.Header
		if text(t, res) != "hello" || h.Get("Server") != "mine" || h.Get("Date") != "Thu, 01 Jan 1970 00:00:00 GMT" ||
			h.Get("Content-Length") != "5" || len(h.Values("Set-Cookie")) != 2 || res.Close {
			t.Errorf("got %v", h)
		}
	})
	t.Run("HEAD has no body", func(t *testing.T) {
		res, err := http.Head(srv.URL + "/mcp")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if got := text(t, res); got != "" || res.ContentLength != 5 || res.StatusCode != 200 {
			t.Errorf("got %d, length %d, body %q", res.StatusCode, res.ContentLength, got)
		}
	})
	t.Run("a client that sends the whole body before it reads gets the 413", func(t *testing.T) {
		conn, err := net.Dial("tcp", srv.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		const size = 40 << 20
		fmt.Fprintf(conn, "POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", size)
		if _, err := conn.Write(make([]byte, size)); err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if got := text(t, res); res.StatusCode != 413 || got != `{"message":"Request Entity Too Large"}` {
			t.Errorf("got %d %s", res.StatusCode, got)
		}
	})
}
