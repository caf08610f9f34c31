package doctor_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/doctor"
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
		{"open to everybody", always(withKeyOf), "failure no-key: it answered without a key"},
		{"initialize open", only("initialize", withKeyOf), "failure no-key: it answered without a key"},
		{"a wrong key is let in", onlyWith("mcp_doctor_", withKeyOf), "failure wrong-key: it answered with a wrong key"},
		{"403 for a missing key", noKey(403), "warning no-key: answered 403"},
		{"the authorizer fails on unknown keys", onlyWith("mcp_doctor_", status(500)), "failure wrong-key: 500"},
		{"only the older era", only("server/discover", rpcError(-32601)), "warning modern: it does not speak it"},
		{"an era is missing", body("2025-03-26", "2025-06-18"), "warning older: it does not speak 2025-03-26"},
		{"sessions lost between instances", only("tools/list", status(404)), "failure older: after initialize, tools/list is answered with 404"},
		{"GET 200", method("GET", status(200)), "failure get: 200"},
		{"GET 400", method("GET", status(400)), "failure get: 400"},
		{"GET 404", method("GET", status(404)), "failure get: 404"},
		{"GET a stream", method("GET", stream), "warning get: 200 and a stream"},
		{"GET 405 without Allow", method("GET", status(405)), "warning get: 405 without Allow"},
		{"DELETE 200", method("DELETE", status(200)), "warning delete: 200"},
		{"DELETE 404", method("DELETE", status(404)), "failure delete: 404"},
		{"an unknown method fails", only("mcpctl/doctor", status(500)), "failure unknown-method: no JSON-RPC came back: 500"},
		{"an unknown method with another code", only("mcpctl/doctor", rpcError(-32600)), "warning unknown-method: 200 OK, error -32600"},
		{"a redirect at the slash", path("/mcp/", redirect), "failure trailing-slash: 307"},
		{"nothing at the slash", path("/mcp/", status(404)), "warning trailing-slash: http://127.0.0.1"},
		{"Accept is taken at its word", header("Accept", "application/json", status(406)), `warning accept: with Accept: "application/json" it answered 406`},
		{"a stale session is refused", header("Mcp-Session-Id", "00000000-0000-4000-8000-000000000000", status(404)), "warning session: a session that the server does not know is answered with 404"},
		{"any origin", header("Origin", "https://mcpctl-doctor.invalid", forget("Origin")), "warning origin: a request with a foreign Origin was answered"},
		{"a resource's metadata", path("/.well-known/oauth-protected-resource", status(200)), "failure oauth: /.well-known/oauth-protected-resource is there"},
		{"metadata below the path", path("/.well-known/oauth-protected-resource/mcp", status(200)), "failure oauth: /.well-known/oauth-protected-resource/mcp is there"},
		{"an authorization server's metadata", path("/.well-known/oauth-authorization-server", status(200)), "failure oauth: /.well-known/oauth-authorization-server is there"},
		{"a pointer to OAuth", pointer, "failure oauth: a request without a key is answered with a pointer"},
		{"slow to start", slowly(6 * time.Second), "warning first-answer: 6000 ms"},
		{"too slow to start", slowly(11 * time.Second), "failure first-answer: 11000 ms"},
		{"clocks a bit apart", ahead(-2 * time.Minute), "warning clock: they are 2m0s apart"},
		{"clocks apart", ahead(time.Hour), "failure clock: they are 1h0m0s apart"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t, c.fault)
			if d := cmp.Diff([]string{c.want}, bad(doctor.Run(t.Context(), f.options()), c.want)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if f.leaked != "" {
				t.Errorf("the key went to %s", f.leaked)
			}
		})
	}
}

// bad are the findings that are neither ok nor skipped, cut to what want says about them.
func bad(findings []doctor.Finding, want string) []string {
	var all []string
	for _, f := range findings {
		if f.Status == doctor.OK || f.Status == doctor.Skipped {
			continue
		}
		line := string(f.Status) + " " + f.ID + ": " + f.Detail
		if want != "" && strings.HasPrefix(line, want) {
			line = want
		}
		all = append(all, line)
	}
	return all
}

// A key that cannot be right is never sent, and never quoted.
func TestKey(t *testing.T) {
	const whole = goodKey
	for _, c := range []struct{ name, key, want string }{
		{"whole", whole, ""},
		{"somebody's own", "my-own-key-0123456789", ""},
		{"a line end", whole + "\n", "there is a line end in it"},
		{"a blank before it", " " + whole, "there is a blank in it"},
		{"quotes", `"` + whole + `"`, "there are quotes in it"},
		{"Bearer", "Bearer " + whole, "it begins with Bearer"},
		{"a variable", "${MCP_KEY}", "a variable that was not expanded"},
		{"Cursor's variable", "${env:MCP_KEY}", "a variable that was not expanded"},
		{"Gemini's variable", "$MCP_KEY", "a variable that was not expanded"},
		{"opencode's variable", "{env:MCP_KEY}", "a variable that was not expanded"},
		{"a character changed", whole[:20] + swap(whole[20:21]) + whole[21:], "its checksum is wrong"},
		{"cut", whole[:len(whole)-5], "it begins like a key of mcpctl, and is"},
		{"of another stage", otherStage, `it was made for stage "dev", and this is stage "main"`},
		{"not a header", "k\u00f6nig-0123456789", "characters in it that no header can carry"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t, nil)
			f.key = c.key
			o := f.options()
			o.Stage = "main"
			findings := doctor.Run(t.Context(), o)
			for _, finding := range findings {
				if key := strings.TrimSpace(c.key); strings.Contains(finding.Detail+finding.Advice, key) {
					t.Errorf("the key is quoted: %+v", finding)
				}
			}
			got := findings[0]
			if c.want == "" && got.Status != doctor.OK || c.want != "" && (got.Status != doctor.Failure || !strings.Contains(got.Detail, c.want)) {
				t.Errorf("%+v, want %q", got, c.want)
			}
			if c.want != "" && f.keys > 0 {
				t.Errorf("the key was sent %d times", f.keys)
			}
			if c.want != "" && doctor.Worst(findings[1:]) != doctor.OK {
				t.Errorf("more than the key: %v", bad(findings, ""))
			}
		})
	}
}

// swap is another character that a key can have.
func swap(c string) string {
	if c == "a" {
		return "b"
	}
	return "a"
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
	got := bad(doctor.Run(t.Context(), o), want)
	if got[0] != want || strings.Contains(strings.Join(got[1:], ""), "failure") {
		t.Errorf("got %q, want %q and nothing else but skipped", got, want)
	}
}

func TestUnreachable(t *testing.T) {
	for _, c := range []struct{ url, want string }{
		{"http://127.0.0.1:1/mcp", "failure tls: dial tcp 127.0.0.1:1"},
		{"https://nothing.invalid/mcp", "failure dns: "},
		{"http://example.com/mcp", "failure tls: it is plain http"},
		{"nonsense", `failure dns: "nonsense" is not an endpoint`},
	} {
		t.Setenv("NO_PROXY", "*")
		findings := doctor.Run(t.Context(), doctor.Options{URL: c.url, Key: goodKey})
		if doctor.Worst(findings) != doctor.Failure || !strings.Contains(strings.Join(bad(findings, ""), "\n"), c.want) {
			t.Errorf("%s: %q, want %q", c.url, bad(findings, ""), c.want)
		}
	}
}

func TestCertificate(t *testing.T) {
	f := newTLSFixture(t)
	o := f.options()
	o.Base = nil // does not know the test's authority
	want := "failure tls: the certificate is not trusted"
	if got := bad(doctor.Run(t.Context(), o), want); got[0] != want {
		t.Errorf("got %q", got)
	}
	o.Base = f.server.Client().Transport
	if got := bad(doctor.Run(t.Context(), o), ""); got != nil {
		t.Errorf("with a known authority: %q", got)
	}
	f.now = f.server.Certificate().NotAfter.Add(-3 * 24 * time.Hour)
	want = "warning tls: the certificate ends in 3 days"
	if got := bad(doctor.Run(t.Context(), o), want); len(got) != 1 || got[0] != want {
		t.Errorf("near its end: %q", got)
	}
}
