package doctor_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/clients/doctor"
)

// A malformed key is never sent, and never quoted.
func TestKey(t *testing.T) {
	const whole = goodKey
	for _, c := range []struct{ name, key, want string }{
		{"whole", whole, ""},
		{"of another form", "my-own-key-0123456789", ""},
		{"a line end", whole + "\n", "it contains a line break"},
		{"a leading blank", " " + whole, "it contains a space or a tab"},
		{"quotes", `"` + whole + `"`, "it contains quotes"},
		{"Bearer", "Bearer " + whole, "it begins with Bearer"},
		{"a variable", "${MCP_KEY}", "a variable that was not expanded"},
		{"Cursor's variable", "${env:MCP_KEY}", "a variable that was not expanded"},
		{"Gemini's variable", "$MCP_KEY", "a variable that was not expanded"},
		{"opencode's variable", "{env:MCP_KEY}", "a variable that was not expanded"},
		{"a character changed", whole[:20] + swap(whole[20:21]) + whole[21:], "its checksum is wrong"},
		{"cut", whole[:len(whole)-5], "it begins like a key of mcpctl, but has"},
		{"not a header", "k\u00f6nig-0123456789", "characters that a header cannot have"},
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
				t.Errorf("more output than the key: %v", bad(t, findings, ""))
			}
		})
	}
}

// swap returns another character that is valid in a key.
func swap(c string) string {
	if c == "a" {
		return "b"
	}
	return "a"
}

// A key contains the stage for which it was generated, but servers ignore it: a key that
// was moved to another stage works.
func TestKeyOfAnotherStage(t *testing.T) {
	const warning = `warning key: it was generated for stage "dev", and this is stage "main"`
	for _, c := range []struct {
		name  string
		fault func(*fixture) middleware
		want  []string
	}{
		{"moved there", onlyWith(otherStage, asGoodKey), []string{warning}},
		{"not known there", nil, []string{warning, "failure modern: 403 Forbidden"}},
	} {
		f := newFixture(t, c.fault)
		f.key = otherStage
		o := f.options()
		o.Stage = "main"
		if d := cmp.Diff(c.want, bad(t, doctor.Run(t.Context(), o), "")); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
		if f.keys == 0 {
			t.Errorf("%s: the key was not sent", c.name)
		}
	}
}

// A server that takes the key in one header rejects it in the other as if the key were
// missing.
func TestHeader(t *testing.T) {
	for _, c := range []struct {
		name, path   string
		server       func(*fixture) middleware
		bearer       bool
		want, advice string
	}{
		{"a bearer token for a server that takes those", "/mcp", bearerOnly, true, "", ""},
		{"our endpoint for bearer tokens", "/bearer/mcp", nil, false, "", ""},
		{"x-api-key for a server that takes bearer tokens", "/mcp", bearerOnly, false, "failure modern: 401 Unauthorized, as if the key were missing", "The key was sent in x-api-key, which may be the wrong header for this server. Try it as a bearer token: --bearer."},
		{"a bearer token for a server that takes x-api-key", "/mcp", nil, true, "failure modern: 401 Unauthorized, as if the key were missing", "The key was sent in Authorization: Bearer, which may be the wrong header"},
	} {
		f := newFixture(t, c.server)
		o := f.options()
		o.URL, o.Bearer = f.server.URL+c.path, c.bearer
		findings := doctor.Run(t.Context(), o)
		var want []string
		if c.want != "" {
			want = []string{c.want}
		}
		if d := cmp.Diff(want, bad(t, findings, "")); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
		for _, finding := range findings {
			if finding.Status == doctor.Failure && !strings.HasPrefix(finding.Advice, c.advice) {
				t.Errorf("%s: advice %q, want %q", c.name, finding.Advice, c.advice)
			}
		}
	}
}
