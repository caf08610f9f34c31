package doctor_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/clients/doctor"
)

// A correct endpoint has only findings that are ok.
func TestCorrectEndpoint(t *testing.T) {
	f := newFixture(t, nil)
	for _, finding := range doctor.Run(t.Context(), f.options()) {
		if finding.Status != doctor.OK {
			t.Errorf("%+v", finding)
		}
	}
}

// Each fault leads to exactly one finding, which names it.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault func(*fixture) middleware
		want  string // "status id: part of the detail"
	}{
		{"no key is required", keyless("", acceptAnyKey), "failure no-key: initialize, tools/list, server/discover, tools/list of 2026-07-28"},
		{"a key makes no difference", path("/mcp", acceptAnyKey), "failure no-key: initialize, tools/list, server/discover, tools/list of 2026-07-28"},
		{"initialize open", keyless("initialize", acceptAnyKey), "failure no-key: initialize"},
		{"server/discover open", keyless("server/discover", acceptAnyKey), "failure no-key: server/discover"},
		{"one protocol open", keyless(`"_meta"`, acceptAnyKey), "failure no-key: server/discover, tools/list of 2026-07-28"},
		{"a wrong key is accepted", onlyWith("mcp_doctor_", acceptAnyKey), "failure wrong-key: tools/list"},
		{"500 for a missing key", noKey(500), "failure no-key: initialize is answered with 500 Internal Server Error"},
		{"400 for a missing key", noKey(400), "warning no-key: 400 Bad Request, want 401"},
		{"400 for a wrong key", onlyWith("mcp_doctor_", status(400)), "warning wrong-key: 400 Bad Request, want 401 or 403"},
		{"404 for a wrong key", onlyWith("mcp_doctor_", status(404)), "warning wrong-key: 404 Not Found, want 401 or 403"},
		{"403 for a missing key", noKey(403), "warning no-key: 403 instead of 401"},
		{"the authorizer fails on unknown keys", onlyWith("mcp_doctor_", status(500)), "failure wrong-key: 500"},
		{"only the older protocols", only("server/discover", rpcError(-32601)), "warning modern: 200 OK, error -32601"},
		{"discovered without this version", only("server/discover", discovers(`["2025-11-25"]`)), "warning modern: 200 OK"},
		{"discovered without a list", only("server/discover", discovers(`null`)), "warning modern: 200 OK"},
		{"an unknown protocol fails", only("server/discover", status(500)), "failure modern: server/discover is answered with 500"},
		{"an unknown protocol is not found", only("server/discover", status(404)), "warning modern: 404"},
		{"only the newest protocol", only("initialize", rpcError(-32601)), "failure older: initialize is answered with 200 OK, error -32601"},
		{"an older protocol fails", only("initialize", status(500)), "failure older: initialize is answered with 500"},
		{"all of an older protocol fails", header("Mcp-Protocol-Version", "2025-11-25", status(500)), "failure older: after initialize, tools/list is answered with 500"},
		{"an older protocol is missing", body("2025-03-26", "2025-06-18"), "warning older: 2025-03-26 is not supported"},
		{"sessions lost between instances", only("tools/list", status(404)), "failure older: after initialize, tools/list is answered with 404"},
		{"GET 200", method("GET", status(200)), "failure get: 200"},
		{"GET 400", method("GET", status(400)), "failure get: 400"},
		{"GET 404", method("GET", status(404)), "failure get: 404"},
		{"GET a stream", method("GET", stream), "warning get: 200 and a stream"},
		{"GET 405 without Allow", method("GET", status(405)), "warning get: 405 without Allow"},
		{"DELETE 200", method("DELETE", status(200)), "warning delete: 200"},
		{"DELETE 405 without Allow", method("DELETE", status(405)), "warning delete: 405 without Allow"},
		{"DELETE 404", method("DELETE", status(404)), "failure delete: 404"},
		{"an unknown method fails", only("mcpctl/doctor", status(500)), "failure unknown-method: the response is not JSON-RPC: 500"},
		{"an unknown method with another code", only("mcpctl/doctor", rpcError(-32600)), "warning unknown-method: 200 OK, error -32600"},
		{"an unknown method is answered", only("mcpctl/doctor", result), "failure unknown-method: the response has a result"},
		{"a redirect at the slash", path("/mcp/", redirect), "failure trailing-slash: http://127.0.0.1"},
		{"nothing at the slash", path("/mcp/", status(404)), "warning trailing-slash: http://127.0.0.1"},
		{"Accept is obeyed strictly", header("Accept", "application/json", status(406)), `warning accept: Accept: "application/json" is answered with 406`},
		{"a stale session is rejected", header("Mcp-Session-Id", "00000000-0000-4000-8000-000000000000", status(404)), "warning session: it is answered with 404"},
		{"any origin", header("Origin", "https://mcpctl-doctor.invalid", removeHeader("Origin")), "warning origin: a request with an Origin of another site is accepted"},
		{"an origin makes it fail", header("Origin", "https://mcpctl-doctor.invalid", status(500)), "failure origin: 500"},
		{"a resource's metadata", path("/.well-known/oauth-protected-resource", status(200)), "failure oauth: /.well-known/oauth-protected-resource exists"},
		{"metadata below the path", path("/.well-known/oauth-protected-resource/mcp", status(200)), "failure oauth: /.well-known/oauth-protected-resource/mcp exists"},
		{"an authorization server's metadata", path("/.well-known/oauth-authorization-server", status(200)), "failure oauth: /.well-known/oauth-authorization-server exists"},
		{"the same below the path", path("/.well-known/oauth-authorization-server/mcp", status(200)), "failure oauth: /.well-known/oauth-authorization-server/mcp exists"},
		{"an OpenID provider's metadata", path("/.well-known/openid-configuration", status(200)), "failure oauth: /.well-known/openid-configuration exists"},
		{"the same, before the path", path("/.well-known/openid-configuration/mcp", status(200)), "failure oauth: /.well-known/openid-configuration/mcp exists"},
		{"the same, after the path", path("/mcp/.well-known/openid-configuration", status(200)), "failure oauth: /mcp/.well-known/openid-configuration exists"},
		{"resource_metadata in WWW-Authenticate", resourceMetadata, "failure oauth: a request without a key gets resource_metadata"},
		{"slow to start", slowly(6 * time.Second), "warning first-response: 6000 ms"},
		{"too slow to start", slowly(11 * time.Second), "failure first-response: 11000 ms"},
		{"clocks a bit apart", clockAhead(-2 * time.Minute), "warning clock: they differ by 2m0s"},
		{"clocks apart", clockAhead(time.Hour), "failure clock: they differ by 1h0m0s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t, c.fault)
			if d := cmp.Diff([]string{c.want}, bad(t, doctor.Run(t.Context(), f.options()), c.want)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if f.leaked != "" {
				t.Errorf("the key went to %s", f.leaked)
			}
		})
	}
}

// bad returns the findings that are neither ok nor skipped, as "status id: detail",
// shortened to want if they begin with it. Each must have all fields, and not the title of
// a finding that is ok.
func bad(t *testing.T, findings []doctor.Finding, want string) []string {
	t.Helper()
	var all []string
	for _, f := range findings {
		if f.Status == doctor.OK || f.Status == doctor.Skipped {
			continue
		}
		if f.Title == "" || f.Detail == "" || f.Breaks == "" || f.Advice == "" {
			t.Errorf("a field is empty: %+v", f)
		}
		if okTitles(t)[f.Title] {
			t.Errorf("the title contradicts the status: %+v", f)
		}
		line := string(f.Status) + " " + f.ID + ": " + f.Detail
		if want != "" && strings.HasPrefix(line, want) {
			line = want
		}
		all = append(all, line)
	}
	return all
}

// okTitles returns the titles of the findings that are ok.
var okTitles = func() func(t *testing.T) map[string]bool {
	titles := map[string]bool{}
	return func(t *testing.T) map[string]bool {
		if len(titles) > 0 {
			return titles
		}
		s := doctor.Stack{Status: "CREATE_COMPLETE", Concurrency: 1000, Functions: []doctor.Function{{ID: "Mcp", Built: "m", SHA256: "m"}}}
		for _, f := range append(doctor.Run(t.Context(), newFixture(t, nil).options()), doctor.RunStack(s, time.Now(), nil)...) {
			if f.Status != doctor.OK || titles[f.Title] {
				t.Fatalf("want a finding that is ok, with its own title: %+v", f)
			}
			titles[f.Title] = true
		}
		return titles
	}
}()

func TestNoKeyKnown(t *testing.T) {
	f := newFixture(t, nil)
	o := f.options()
	o.Key = ""
	for _, finding := range doctor.Run(t.Context(), o) {
		if finding.Status != doctor.OK && finding.Status != doctor.Skipped {
			t.Errorf("%+v", finding)
		}
	}
}

func TestRejectedKey(t *testing.T) {
	f := newFixture(t, nil)
	o := f.options()
	o.Key = "another-key-0123456789"
	want := "failure modern: 403 Forbidden"
	got := bad(t, doctor.Run(t.Context(), o), want)
	if got[0] != want || strings.Contains(strings.Join(got[1:], ""), "failure") {
		t.Errorf("got %q, want only %q and skipped findings", got, want)
	}
}

func TestUnreachable(t *testing.T) {
	for _, c := range []struct{ url, want string }{
		{"http://127.0.0.1:1/mcp", "failure tls: dial tcp 127.0.0.1:1"},
		{"https://nothing.invalid/mcp", "failure dns: "},
		{"http://example.com/mcp", "failure tls: plain http"},
		{"https://name:secret@example.com/mcp", "failure dns: the endpoint contains a user name or password"},
		{"ftp://example.com/mcp", "failure dns: \"ftp://example.com/mcp\" is not an endpoint"},
		{"nonsense", `failure dns: "nonsense" is not an endpoint`},
	} {
		t.Setenv("NO_PROXY", "*")
		findings := doctor.Run(t.Context(), doctor.Options{URL: c.url, Key: goodKey})
		if doctor.Worst(findings) != doctor.Failure || !strings.Contains(strings.Join(bad(t, findings, ""), "\n"), c.want) {
			t.Errorf("%s: %q, want %q", c.url, bad(t, findings, ""), c.want)
		}
	}
}

func TestCertificate(t *testing.T) {
	f := newTLSFixture(t)
	o := f.options()
	o.Transport = nil // does not trust the certificate authority of the test
	want := "failure tls: x509: "
	if got := bad(t, doctor.Run(t.Context(), o), want); got[0] != want {
		t.Errorf("got %q", got)
	}
	o.Transport = f.server.Client().Transport
	if got := bad(t, doctor.Run(t.Context(), o), ""); got != nil {
		t.Errorf("with a known authority: %q", got)
	}
	f.now = f.server.Certificate().NotAfter.Add(-3 * 24 * time.Hour)
	want = "warning tls: in 3 days"
	if got := bad(t, doctor.Run(t.Context(), o), want); len(got) != 1 || got[0] != want {
		t.Errorf("close to its expiry: %q", got)
	}
}

// TestLaterResponsesWithoutDate: the Date of an earlier response, such as one before a wait,
// is not compared with the time of a later one.
func TestLaterResponsesWithoutDate(t *testing.T) {
	f := newFixture(t, func(f *fixture) middleware {
		return func(w http.ResponseWriter, r *http.Request, _ string, next http.Handler) {
			if strings.Contains(r.URL.Path, "/.well-known/") {
				w.Header()["Date"] = nil
				f.wait(t.Context(), time.Minute)
			} else if !hasKey(r) {
				w.Header()["Date"] = nil
			}
			next.ServeHTTP(w, r)
		}
	})
	if d := cmp.Diff([]string(nil), bad(t, doctor.Run(t.Context(), f.options()), "")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
