package doctor_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/clients/doctor"
	"serverless-mcp/internal/clients/mcpclient"
)

// A root cause is reported once, and the checks that depend on it are skipped.
func TestRootCauses(t *testing.T) {
	page := func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { fmt.Fprint(w, "<html>") }
	for _, c := range []struct {
		name  string
		fault func(*fixture) middleware
		path  string // empty means /mcp
		want  string
	}{
		{"a wrong path", nil, "/mpc", "failure no-key: 404 Not Found"},
		{"a wrong path, seen with the key only", onlyWith(goodKey, status(404)), "", "failure modern: 404 Not Found"},
		{"something that takes no POST", path("/", status(405)), "/", "failure no-key: 405 Method Not Allowed"},
		{"a web page", path("/", page), "/", `failure no-key: 200 OK with the content type "text/html`},
		{"a redirect", path("/mcp", redirect), "", "failure no-key: 307 Temporary Redirect to /elsewhere"},
		{"500 for everything", path("/mcp", status(500)), "", "failure no-key: every request is answered with 500 Internal Server Error"},
		{"502 for everything", path("/mcp", status(502)), "", "failure no-key: every request is answered with 502 Bad Gateway"},
		{"500 for every key", onlyWith("mcp_", status(500)), "", "failure wrong-key: every request is answered with 500 Internal Server Error"},
		{"500 for the key", onlyWith(goodKey, status(500)), "", "failure modern: every request is answered with 500 Internal Server Error"},
		{"503 for the key", onlyWith(goodKey, status(503)), "", "failure modern: every request is answered with 503 Service Unavailable"},
		{"throttled forever", path("/mcp", status(429)), "", "failure no-key: 429 Too Many Requests, still after waiting 15s"},
		{"the key is throttled", onlyWith(goodKey, status(429)), "", "failure modern: 429 Too Many Requests, still after waiting 15s"},
		{"throttled for an hour", path("/mcp", retryAfter(3600)), "", "failure no-key: 429 Too Many Requests, with Retry-After of 1h0m0s"},
		{"no response at all", method("POST", closeConnection), "", "failure no-key: no response: EOF"},
		{"no response to a wrong key", onlyWith("mcp_doctor_", closeConnection), "", "failure wrong-key: no response: EOF"},
		{"no response to the key", onlyWith(goodKey, closeConnection), "", "failure modern: no response: EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t, c.fault)
			o := f.options()
			if c.path != "" {
				o.URL = f.server.URL + c.path
			}
			findings := doctor.Run(t.Context(), o)
			if d := cmp.Diff([]string{c.want}, bad(t, findings, c.want)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if strings.Contains(c.want, "Retry-After") && f.waited > 0 {
				t.Errorf("waited %v although Retry-After is too long", f.waited)
			}
			failed := false
			for _, finding := range findings {
				if failed && finding.Status != doctor.Skipped {
					t.Errorf("checked after the failure: %+v", finding)
				}
				failed = failed || finding.Status == doctor.Failure
			}
		})
	}
}

// If one request of many gets no response, its check reports that.
func TestNoResponse(t *testing.T) {
	for id, fault := range map[string]func(*fixture) middleware{
		"older":          only("initialize", closeConnection),
		"get":            method("GET", closeConnection),
		"delete":         method("DELETE", closeConnection),
		"unknown-method": only("mcpctl/doctor", closeConnection),
		"trailing-slash": path("/mcp/", closeConnection),
		"accept":         header("Accept", "*/*", closeConnection),
		"session":        header("Mcp-Session-Id", "00000000-0000-4000-8000-000000000000", closeConnection),
		"origin":         header("Origin", "https://mcpctl-doctor.invalid", closeConnection),
		"oauth":          path("/.well-known/openid-configuration", closeConnection),
	} {
		f := newFixture(t, fault)
		got := bad(t, doctor.Run(t.Context(), f.options()), "")
		if len(got) != 1 || !strings.HasPrefix(got[0], "failure "+id+": ") || !strings.Contains(got[0], "no response: EOF") {
			t.Errorf("%s: %q", id, got)
		}
	}
}

func TestRequestTimeout(t *testing.T) {
	f := newFixture(t, only("tools/list", stream))
	o := f.options()
	o.RequestTimeout = 100 * time.Millisecond
	want := "failure older: no response within 100ms"
	if got := bad(t, doctor.Run(t.Context(), o), want); len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A server that is throttled is correct: the run waits and repeats its requests.
func TestThrottled(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault func(*fixture) middleware
		want  time.Duration // waited at least
	}{
		{"two a second", bucket(2, 2), 5 * time.Second},
		{"with Retry-After", once(retryAfter(7)), 7 * time.Second},
		{"once", once(status(429)), time.Second},
	} {
		f := newFixture(t, c.fault)
		findings := doctor.Run(t.Context(), f.options())
		if got := bad(t, findings, ""); got != nil {
			t.Errorf("%s: %q", c.name, got)
		}
		last := findings[len(findings)-1]
		if f.waited < c.want || last.ID != "throttle" || !strings.Contains(last.Detail, f.waited.String()) {
			t.Errorf("%s: waited %v, want %v or more; last finding %+v", c.name, f.waited, c.want, last)
		}
	}
}

// An interrupted run reports no problems.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f := newFixture(t, func(f *fixture) middleware {
		return func(w http.ResponseWriter, r *http.Request, _ string, next http.Handler) {
			if r.Method == http.MethodDelete {
				cancel()
			}
			next.ServeHTTP(w, r)
		}
	})
	findings := doctor.Run(ctx, f.options())
	if got := bad(t, findings, ""); got != nil {
		t.Errorf("%q", got)
	}
	if last := findings[len(findings)-1]; last.Status != doctor.Skipped {
		t.Errorf("%+v", last)
	}
}

// With a server that has sessions, the run uses them and deletes them.
func TestSessions(t *testing.T) {
	alive, ready := map[string]bool{}, map[string]bool{}
	begun := 0
	f := newFixture(t, func(f *fixture) middleware {
		return func(w http.ResponseWriter, r *http.Request, body string, next http.Handler) {
			id := r.Header.Get("Mcp-Session-Id")
			f.mu.Lock()
			defer f.mu.Unlock()
			switch {
			case r.Header.Get(mcpclient.KeyHeader) != goodKey || r.Header.Get("Mcp-Protocol-Version") == "2026-07-28":
				next.ServeHTTP(w, r)
			case strings.Contains(body, `"initialize"`):
				begun++
				id = fmt.Sprint("session-", begun)
				alive[id] = true
				w.Header().Set("Mcp-Session-Id", id)
				next.ServeHTTP(w, r)
			case id != "" && !alive[id]:
				w.WriteHeader(http.StatusNotFound)
			case strings.Contains(body, "notifications/initialized"):
				ready[id] = true
				w.WriteHeader(http.StatusAccepted)
			case id != "" && r.Method == http.MethodDelete:
				delete(alive, id)
				w.WriteHeader(http.StatusNoContent)
			case r.Method == http.MethodPost && !ready[id]: // without an ID too
				w.WriteHeader(http.StatusBadRequest)
			default:
				next.ServeHTTP(w, r)
			}
		}
	})
	if got := bad(t, doctor.Run(t.Context(), f.options()), ""); got != nil {
		t.Errorf("%q", got)
	}
	if begun == 0 || len(alive) > 0 {
		t.Errorf("of %d sessions, %d were not deleted", begun, len(alive))
	}
}

// An older server gets requests in its protocol version.
func TestOlderVersion(t *testing.T) {
	f := newFixture(t, func(*fixture) middleware {
		return func(w http.ResponseWriter, r *http.Request, body string, next http.Handler) {
			if hasKey(r) && r.Header.Get("Mcp-Protocol-Version") == "2025-11-25" {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			r.Body = readable(strings.Replace(body, "2025-11-25", "2025-06-18", 1))
			next.ServeHTTP(w, r)
		}
	})
	want := "warning older: 2025-11-25 is not supported"
	if d := cmp.Diff([]string{want}, bad(t, doctor.Run(t.Context(), f.options()), "")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
