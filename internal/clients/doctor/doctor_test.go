package doctor_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/clients/doctor"
)

// A sound endpoint has nothing wrong.
func TestSound(t *testing.T) {
	f := newFixture(t, nil)
	for _, finding := range doctor.Run(t.Context(), f.options()) {
		if finding.Status != doctor.OK {
			t.Errorf("%+v", finding)
		}
	}
}

// Each fault leads to exactly the finding that names it.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault func(*fixture) middleware
		want  string // "status id: part of the detail"
	}{
		{"open to everybody", keyless("", withKeyOf), "failure no-key: it answered initialize, tools/list, server/discover, tools/list of 2026-07-28 without a key"},
		{"a key makes no difference", path("/mcp", withKeyOf), "failure no-key: it answered initialize, tools/list, server/discover, tools/list of 2026-07-28 without a key"},
		{"initialize open", keyless("initialize", withKeyOf), "failure no-key: it answered initialize without a key"},
		{"server/discover open", keyless("server/discover", withKeyOf), "failure no-key: it answered server/discover without a key"},
		{"one era open", keyless(`"_meta"`, withKeyOf), "failure no-key: it answered server/discover, tools/list of 2026-07-28 without a key"},
		{"a wrong key is let in", onlyWith("mcp_doctor_", withKeyOf), "failure wrong-key: it answered tools/list with a wrong key"},
		{"500 for a missing key", noKey(500), "failure no-key: 500 Internal Server Error to initialize without a key"},
		{"400 for a missing key", noKey(400), "warning no-key: 400 Bad Request, want 401"},
		{"400 for a wrong key", onlyWith("mcp_doctor_", status(400)), "warning wrong-key: 400 Bad Request, want 401 or 403"},
		{"404 for a wrong key", onlyWith("mcp_doctor_", status(404)), "warning wrong-key: 404 Not Found, want 401 or 403"},
		{"403 for a missing key", noKey(403), "warning no-key: answered 403"},
		{"the authorizer fails on unknown keys", onlyWith("mcp_doctor_", status(500)), "failure wrong-key: 500"},
		{"only the older era", only("server/discover", rpcError(-32601)), "warning modern: it does not speak it"},
		{"an unknown era fails", only("server/discover", status(500)), "failure modern: server/discover is answered with 500"},
		{"an unknown era is not found", only("server/discover", status(404)), "warning modern: it does not speak it: 404"},
		{"only the newest era", only("initialize", rpcError(-32601)), "failure older: initialize is answered with 200 OK, error -32601"},
		{"an older era fails", only("initialize", status(500)), "failure older: initialize is answered with 500"},
		{"all of an older era fails", header("Mcp-Protocol-Version", "2025-11-25", status(500)), "failure older: after initialize, tools/list is answered with 500"},
		{"an era is missing", body("2025-03-26", "2025-06-18"), "warning older: it does not speak 2025-03-26"},
		{"sessions lost between instances", only("tools/list", status(404)), "failure older: after initialize, tools/list is answered with 404"},
		{"GET 200", method("GET", status(200)), "failure get: 200"},
		{"GET 400", method("GET", status(400)), "failure get: 400"},
		{"GET 404", method("GET", status(404)), "failure get: 404"},
		{"GET a stream", method("GET", stream), "warning get: 200 and a stream"},
		{"GET 405 without Allow", method("GET", status(405)), "warning get: 405 without Allow"},
		{"DELETE 200", method("DELETE", status(200)), "warning delete: 200"},
		{"DELETE 405 without Allow", method("DELETE", status(405)), "warning delete: 405 without Allow"},
		{"DELETE 404", method("DELETE", status(404)), "failure delete: 404"},
		{"an unknown method fails", only("mcpctl/doctor", status(500)), "failure unknown-method: no JSON-RPC came back: 500"},
		{"an unknown method with another code", only("mcpctl/doctor", rpcError(-32600)), "warning unknown-method: 200 OK, error -32600"},
		{"an unknown method is answered", only("mcpctl/doctor", result), "failure unknown-method: it was answered as if it existed"},
		{"a redirect at the slash", path("/mcp/", redirect), "failure trailing-slash: 307"},
		{"nothing at the slash", path("/mcp/", status(404)), "warning trailing-slash: http://127.0.0.1"},
		{"Accept is taken at its word", header("Accept", "application/json", status(406)), `warning accept: with Accept: "application/json" it answered 406`},
		{"a stale session is refused", header("Mcp-Session-Id", "00000000-0000-4000-8000-000000000000", status(404)), "warning session: a session that the server does not know is answered with 404"},
		{"any origin", header("Origin", "https://mcpctl-doctor.invalid", forget("Origin")), "warning origin: a request with a foreign Origin was answered"},
		{"an origin makes it fail", header("Origin", "https://mcpctl-doctor.invalid", status(500)), "failure origin: 500"},
		{"a resource's metadata", path("/.well-known/oauth-protected-resource", status(200)), "failure oauth: /.well-known/oauth-protected-resource is there"},
		{"metadata below the path", path("/.well-known/oauth-protected-resource/mcp", status(200)), "failure oauth: /.well-known/oauth-protected-resource/mcp is there"},
		{"an authorization server's metadata", path("/.well-known/oauth-authorization-server", status(200)), "failure oauth: /.well-known/oauth-authorization-server is there"},
		{"the same below the path", path("/.well-known/oauth-authorization-server/mcp", status(200)), "failure oauth: /.well-known/oauth-authorization-server/mcp is there"},
		{"an OpenID provider's metadata", path("/.well-known/openid-configuration", status(200)), "failure oauth: /.well-known/openid-configuration is there"},
		{"the same, path behind", path("/.well-known/openid-configuration/mcp", status(200)), "failure oauth: /.well-known/openid-configuration/mcp is there"},
		{"the same, path before", path("/mcp/.well-known/openid-configuration", status(200)), "failure oauth: /mcp/.well-known/openid-configuration is there"},
		{"a pointer to OAuth", pointer, "failure oauth: a request without a key is answered with a pointer"},
		{"slow to start", slowly(6 * time.Second), "warning first-answer: 6000 ms"},
		{"too slow to start", slowly(11 * time.Second), "failure first-answer: 11000 ms"},
		{"clocks a bit apart", ahead(-2 * time.Minute), "warning clock: they are 2m0s apart"},
		{"clocks apart", ahead(time.Hour), "failure clock: they are 1h0m0s apart"},
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

// bad are the findings that are neither ok nor skipped, cut to what want says
// about them. Each has to say what it breaks and what to do.
func bad(t *testing.T, findings []doctor.Finding, want string) []string {
	t.Helper()
	var all []string
	for _, f := range findings {
		if f.Status == doctor.OK || f.Status == doctor.Skipped {
			continue
		}
		if f.Title == "" || f.Detail == "" || f.Breaks == "" || f.Advice == "" {
			t.Errorf("it does not say everything: %+v", f)
		}
		line := string(f.Status) + " " + f.ID + ": " + f.Detail
		if want != "" && strings.HasPrefix(line, want) {
			line = want
		}
		all = append(all, line)
	}
	return all
}

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

func TestRefusedKey(t *testing.T) {
	f := newFixture(t, nil)
	o := f.options()
	o.Key = "another-key-0123456789"
	want := "failure modern: the key is refused: 403 Forbidden"
	got := bad(t, doctor.Run(t.Context(), o), want)
	if got[0] != want || strings.Contains(strings.Join(got[1:], ""), "failure") {
		t.Errorf("got %q, want %q and nothing else but skipped", got, want)
	}
}

func TestUnreachable(t *testing.T) {
	for _, c := range []struct{ url, want string }{
		{"http://127.0.0.1:1/mcp", "failure tls: dial tcp 127.0.0.1:1"},
		{"https://nothing.invalid/mcp", "failure dns: "},
		{"http://example.com/mcp", "failure tls: it is plain http"},
		{"https://name:secret@example.com/mcp", "failure dns: the endpoint has a user name or password in it"},
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
	o.Base = nil // does not know the test's authority
	want := "failure tls: the certificate is not trusted"
	if got := bad(t, doctor.Run(t.Context(), o), want); got[0] != want {
		t.Errorf("got %q", got)
	}
	o.Base = f.server.Client().Transport
	if got := bad(t, doctor.Run(t.Context(), o), ""); got != nil {
		t.Errorf("with a known authority: %q", got)
	}
	f.now = f.server.Certificate().NotAfter.Add(-3 * 24 * time.Hour)
	want = "warning tls: the certificate ends in 3 days"
	if got := bad(t, doctor.Run(t.Context(), o), want); len(got) != 1 || got[0] != want {
		t.Errorf("near its end: %q", got)
	}
}
