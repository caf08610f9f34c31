package doctor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"serverless-mcp/internal/clients/doctor"
	"serverless-mcp/internal/clients/mcpclient"
)

// Keys of this project's form. Only the fixture accepts them.
const (
	goodKey    = "mcp_main_o3pPl7j8ruplOdu5SFQq1G2EyCUqy58z6lX7XBIrkjL1FPpAA"
	otherStage = "mcp_dev_wrOr1374vvBRzmjPhz99gom9qz1Cpuvr9or8nOtoJmm3ckMfw"
)

// fixture is a small endpoint that is correct except for its fault.
type fixture struct {
	server *httptest.Server
	key    string // the key of the run; the endpoint accepts goodKey

	mu     sync.Mutex
	now    time.Time     // of the doctor's clock
	skew   time.Duration // of the server's
	keys   int           // requests with the key
	leaked string        // path that got the key by mistake
	waited time.Duration // by the doctor
}

// middleware answers a request, or passes it to next.
type middleware func(w http.ResponseWriter, r *http.Request, body string, next http.Handler)

func newFixture(t *testing.T, fault func(*fixture) middleware) *fixture {
	t.Helper()
	f := &fixture{key: goodKey, now: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}
	f.server = httptest.NewServer(f.handler(fault))
	t.Cleanup(f.server.Close)
	return f
}

func newTLSFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{key: goodKey, now: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}
	f.server = httptest.NewUnstartedServer(f.handler(nil))
	f.server.Config.ErrorLog = log.New(io.Discard, "", 0) // of rejected certificates
	f.server.StartTLS()
	t.Cleanup(f.server.Close)
	return f
}

func (f *fixture) options() doctor.Options {
	return doctor.Options{URL: f.server.URL + "/mcp", Key: f.key, Now: f.clock, Sleep: f.wait, RequestTimeout: 5 * time.Second}
}

// wait advances the clock.
func (f *fixture) wait(_ context.Context, d time.Duration) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
	f.waited += d
	return nil
}

func (f *fixture) clock() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

func (f *fixture) handler(fault func(*fixture) middleware) http.Handler {
	correct := http.HandlerFunc(f.respondCorrectly)
	var faulty middleware
	if fault != nil {
		faulty = fault(f)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		f.mu.Lock()
		if r.Header.Get(mcpclient.KeyHeader) == f.key {
			f.keys++
			if r.URL.Path != "/mcp" && r.URL.Path != "/mcp/" {
				f.leaked = r.URL.Path
			}
		}
		w.Header().Set("Date", f.now.Add(f.skew).Format(http.TimeFormat))
		f.mu.Unlock()
		if faulty == nil {
			correct(w, r)
			return
		}
		faulty(w, r, string(body), correct)
	})
}

// respondCorrectly responds as a correct endpoint does.
func (f *fixture) respondCorrectly(w http.ResponseWriter, r *http.Request) {
	key, path := r.Header.Get(mcpclient.KeyHeader), r.URL.Path
	if rest, found := strings.CutPrefix(path, "/bearer"); found {
		key, path = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), rest
	}
	switch {
	case path != "/mcp" && path != "/mcp/":
		w.WriteHeader(http.StatusNotFound)
	case key == "":
		w.WriteHeader(http.StatusUnauthorized)
	case key != goodKey && r.Context().Value(acceptedKey{}) == nil || r.Header.Get("Origin") != "":
		w.WriteHeader(http.StatusForbidden)
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", "POST")
		w.WriteHeader(http.StatusMethodNotAllowed)
	default:
		answer(w, r)
	}
}

// answer answers as a server of both eras does. A request of 2026-07-28, which has
// _meta, needs its headers.
func answer(w http.ResponseWriter, r *http.Request) {
	var m struct {
		Method string
		Params struct {
			ProtocolVersion string
			Meta            map[string]any `json:"_meta"`
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if m.Params.Meta != nil && (r.Header.Get("Mcp-Protocol-Version") != "2026-07-28" || r.Header.Get("Mcp-Method") != m.Method) {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	switch m.Method {
	case "initialize":
		fmt.Fprintf(w, `{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":%q}}`, m.Params.ProtocolVersion)
	case "server/discover":
		fmt.Fprint(w, `{"jsonrpc":"2.0","id":1,"result":{"supportedVersions":["2026-07-28"]}}`)
	case "tools/list":
		fmt.Fprint(w, `{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}`)
	default:
		fmt.Fprint(w, `{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"Method not found"}}`)
	}
}

// acceptedKey marks a request that is accepted with any key.
type acceptedKey struct{}

// reaction handles a request in place of the correct endpoint.
type reaction func(w http.ResponseWriter, r *http.Request, next http.Handler)

func acceptAnyKey(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if r.Header.Get(mcpclient.KeyHeader) == "" {
		r.Header.Set(mcpclient.KeyHeader, goodKey)
	}
	next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), acceptedKey{}, true)))
}

func status(code int) reaction {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { w.WriteHeader(code) }
}

func rpcError(code int) reaction {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		fmt.Fprintf(w, `{"jsonrpc":"2.0","id":1,"error":{"code":%d,"message":"no"}}`, code)
	}
}

func stream(w http.ResponseWriter, r *http.Request, _ http.Handler) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.(http.Flusher).Flush()
	<-r.Context().Done()
}

func redirect(w http.ResponseWriter, r *http.Request, _ http.Handler) {
	http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
}

func removeHeader(name string) reaction {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		r.Header.Del(name)
		next.ServeHTTP(w, r)
	}
}

// when returns a fault that applies to requests for which matches returns true.
func when(matches func(r *http.Request, body string) bool, do reaction) func(*fixture) middleware {
	return func(*fixture) middleware {
		return func(w http.ResponseWriter, r *http.Request, body string, next http.Handler) {
			if matches(r, body) {
				do(w, r, next)
				return
			}
			next.ServeHTTP(w, r)
		}
	}
}

func hasKey(r *http.Request) bool { return r.Header.Get(mcpclient.KeyHeader) != "" }

// only returns a fault for one JSON-RPC method, for requests with the right key.
func only(method string, do reaction) func(*fixture) middleware {
	return when(func(r *http.Request, body string) bool {
		return strings.Contains(body, `"method":"`+method+`"`) && r.Header.Get(mcpclient.KeyHeader) == goodKey
	}, do)
}

// keyless returns a fault for requests without a key whose body contains text.
func keyless(text string, do reaction) func(*fixture) middleware {
	return when(func(r *http.Request, body string) bool { return !hasKey(r) && strings.Contains(body, text) }, do)
}

func onlyWith(keyPrefix string, do reaction) func(*fixture) middleware {
	return when(func(r *http.Request, _ string) bool {
		return strings.HasPrefix(r.Header.Get(mcpclient.KeyHeader), keyPrefix)
	}, do)
}

func noKey(code int) func(*fixture) middleware {
	return when(func(r *http.Request, _ string) bool { return !hasKey(r) && r.URL.Path == "/mcp" }, status(code))
}

func method(name string, do reaction) func(*fixture) middleware {
	return when(func(r *http.Request, _ string) bool { return r.Method == name && r.URL.Path == "/mcp" }, do)
}

func path(name string, do reaction) func(*fixture) middleware {
	return when(func(r *http.Request, _ string) bool { return r.URL.Path == name }, do)
}

func header(name, value string, do reaction) func(*fixture) middleware {
	return when(func(r *http.Request, _ string) bool {
		return r.Header.Get(name) == value && r.Method == http.MethodPost
	}, do)
}

// body answers initialize for one version with another version.
func body(asked, given string) func(*fixture) middleware {
	return when(func(r *http.Request, body string) bool {
		return hasKey(r) && strings.Contains(body, `"protocolVersion":"`+asked+`"`)
	}, func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		fmt.Fprintf(w, `{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":%q}}`, given)
	})
}

// resourceMetadata adds a challenge with resource_metadata to responses to requests without a key.
func resourceMetadata(*fixture) middleware {
	return func(w http.ResponseWriter, r *http.Request, _ string, next http.Handler) {
		if !hasKey(r) {
			w.Header().Set("WWW-Authenticate", `Bearer resource_metadata="https://x"`)
		}
		next.ServeHTTP(w, r)
	}
}

// slowly advances the clock during the first request with the key.
func slowly(d time.Duration) func(*fixture) middleware {
	return func(f *fixture) middleware {
		return func(w http.ResponseWriter, r *http.Request, _ string, next http.Handler) {
			f.mu.Lock()
			if f.keys == 1 && hasKey(r) {
				f.now = f.now.Add(d)
				w.Header().Set("Date", f.now.Format(http.TimeFormat))
			}
			f.mu.Unlock()
			next.ServeHTTP(w, r)
		}
	}
}

func clockAhead(d time.Duration) func(*fixture) middleware {
	return func(f *fixture) middleware {
		f.mu.Lock()
		f.skew = d
		f.mu.Unlock()
		return func(w http.ResponseWriter, r *http.Request, _ string, next http.Handler) {
			w.Header().Set("Date", f.clock().Add(d).Format(http.TimeFormat))
			next.ServeHTTP(w, r)
		}
	}
}
