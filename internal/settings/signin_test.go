package settings_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/signin"
)

func TestSignin(t *testing.T) {
	off, err := settings.Parse(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name := range off.MCPEnv(nil) {
		if strings.HasPrefix(name, "SIGNIN_") {
			t.Errorf("sign-in is off, and the environment has %s", name)
		}
	}
	if off.PublicRoutes() != nil || slices.Contains(off.CORSHeaders(), "authorization") {
		t.Errorf("sign-in is off: public routes %v, CORS headers %v", off.PublicRoutes(), off.CORSHeaders())
	}
	on, err := settings.Parse(map[string]string{
		"SIGNIN_ISSUER": "https://login.example.com/pool", "SIGNIN_SCOPES": "tools  files", "SIGNIN_TOOLS": "a b=calculate; admins=*",
		"SIGNIN_NOT_BEFORE": "2026-11-28T13:00:00+01:00",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"SIGNIN_ISSUER": "https://login.example.com/pool", "SIGNIN_SCOPES": "tools files", "SIGNIN_TOOLS": "a b=calculate; admins=*",
		"SIGNIN_NOT_BEFORE": "2026-11-28T12:00:00Z",
	}
	got := map[string]string{}
	for name, value := range on.MCPEnv(nil) {
		if strings.HasPrefix(name, "SIGNIN_") {
			got[name] = value
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("environment (-want +got):\n%s", d)
	}
	var routes []string
	for _, r := range on.PublicRoutes() {
		routes = append(routes, r.Method+" "+r.Path)
		if r.Function != settings.PublicMCP || r.Rate <= 0 || r.Burst <= 0 || r.Reason == "" {
			t.Errorf("route without function, throttle or reason: %+v", r)
		}
	}
	if d := cmp.Diff([]string{
		"GET /.well-known/oauth-protected-resource/signin/mcp",
		"POST /signin/mcp", "GET /signin/mcp", "DELETE /signin/mcp",
		"POST /signin/mcp/{proxy+}", "GET /signin/mcp/{proxy+}", "DELETE /signin/mcp/{proxy+}",
	}, routes); d != "" {
		t.Errorf("routes (-want +got):\n%s", d)
	}
}

func TestSigninRejects(t *testing.T) {
	for _, test := range []struct{ name, value, want string }{
		{"SIGNIN_ISSUER", "http://login.example.com", "https URL"},
		{"SIGNIN_ISSUER", "https://login.example.com/?x=1", "https URL"},
		{"SIGNIN_ISSUER", "https://user@login.example.com", "https URL"},
		{"SIGNIN_ISSUER", "login.example.com", "https URL"},
		{"SIGNIN_ISSUER", "Local", "https URL"},
		{"SIGNIN_SCOPES", `a "b"`, "is not a scope"},
		{"SIGNIN_TOOLS", "analysts", "group=tool"},
		{"SIGNIN_TOOLS", "=calculate", "group=tool"},
		{"SIGNIN_NOT_BEFORE", "yesterday", "is not a time"},
		{"SIGNIN_AUDIENCE", "a b", "without blanks"},
		{"SIGNIN_AUDIENCE", "https://a.example.com,https://b.example.com", "one audience"},
		{"SIGNIN_ISSUER", "http://localhost:8080", "SIGNIN_ISSUER=local"},
		{"SIGNIN_ISSUER", "https://login.example.com/.well-known/openid-configuration", `probably "https://login.example.com"`},
		{"SIGNIN_ISSUER", "https://login.example.com/a b", "https URL"},
		{"SIGNIN_ISSUER", "https://login.example.com/ü", "https URL"},
		{"SIGNIN_ISSUER", "COGNITO", "cognito in lower case"},
		{"SIGNIN_SCOPES", "tools,files", "separated by blanks"},
		{"SIGNIN_SCOPES", "tools offline_access", "remove it"},
		{"SIGNIN_TOOLS", "*", "group=*"},
		{"SIGNIN_TOOLS", "*=calculate", "everyone"},
		{"SIGNIN_TOOLS", "Everyone=calculate", "in lower case"},
		{"SIGNIN_TOOLS", "admins,analysts=*", "separate groups by semicolons"},
		{"SIGNIN_TOOLS", "admins=*, analysts=calculate", "separated by semicolons"},
		{"SIGNIN_TOOLS", "analysts=calculate,lookup_user", "separated by blanks"},
		{"SIGNIN_TOOLS", "analysts=größe", "not the name of a tool"},
		{"SIGNIN_TOOLS", "a=calculate; a=*", "twice"},
		{"SIGNIN_TOOLS", "a\u200b=calculate", "cannot be printed"},
		{"SIGNIN_TOOLS", " ; ", "no group"},
		{"SIGNIN_GROUPS_CLAIM", "my groups", "without blanks"},
		{"SIGNIN_LIMITS", "60/h", "60/m"},
	} {
		values := map[string]string{"SIGNIN_ISSUER": "https://login.example.com"}
		values[test.name] = test.value
		if _, err := settings.Parse(values); err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), test.name) {
			t.Errorf("%s=%s: %v, want %q", test.name, test.value, err, test.want)
		}
	}
	if _, err := settings.Parse(map[string]string{"SIGNIN_TOOLS": "admins=*"}); err == nil || !strings.Contains(err.Error(), "SIGNIN_ISSUER is unset") {
		t.Errorf("tools without an issuer: %v", err)
	}
}

// TestSigninAccepts: values that real issuers have.
func TestSigninAccepts(t *testing.T) {
	for _, test := range []struct{ name, value string }{
		{"SIGNIN_ISSUER", "https://tenant.auth0.example.com/"}, // the slash is in the tokens
		{"SIGNIN_ISSUER", "https://login.example.com:8443/realms/my-realm/v2.0"},
		{"SIGNIN_TOOLS", "Sales / EU=calculate; Équipe=lookup_user; 営業=*; everyone=calculate;"},
		{"SIGNIN_TOOLS", "admins=* calculate"},
		{"SIGNIN_TOOLS", "00000000-0000-0000-0000-000000000000=no_such_tool"},
		{"SIGNIN_GROUPS_CLAIM", "https://example.com/groups"},
		{"SIGNIN_SCOPES", "https://example.com/mcp/tools"},
	} {
		values := map[string]string{"SIGNIN_ISSUER": "https://login.example.com"}
		values[test.name] = test.value
		if _, err := settings.Parse(values); err != nil {
			t.Errorf("%s=%s: %v", test.name, test.value, err)
		}
	}
}

// TestServerAcceptsGrants: the server accepts every value that the settings accept.
// Otherwise every function would fail at its start.
func TestServerAcceptsGrants(t *testing.T) {
	groups := []string{"a", "Sales / EU", "営業", "everyone", "", " ", "*", "a,b", "a b", "a\x00", "É"}
	tools := []string{"*", "calculate", "a.b-c_D9", "a,b", "", " ", "größe", "* calculate", "a=b", strings.Repeat("a", 128), strings.Repeat("a", 129)}
	accepted := 0
	for _, group := range groups {
		for _, tool := range tools {
			for _, text := range []string{group + "=" + tool, group + "=" + tool + ";z=*", "a=x; " + group + "=" + tool, group + tool} {
				_, err := settings.Parse(map[string]string{"SIGNIN_ISSUER": "https://login.example.com", "SIGNIN_TOOLS": text})
				if err != nil {
					continue
				}
				accepted++
				if _, err := signin.ParseGrants(text); err != nil {
					t.Errorf("SIGNIN_TOOLS=%q is accepted, and the server rejects it: %v", text, err)
				}
			}
		}
	}
	if accepted < 50 {
		t.Errorf("%d values are accepted, too few to show anything", accepted)
	}
}

// TestCognito: the user pool determines scope, claim and PKCE, and there is a route for the
// copy of its metadata.
func TestCognito(t *testing.T) {
	s, err := settings.Parse(map[string]string{"SIGNIN_ISSUER": "cognito", "SIGNIN_TOOLS": "a=calculate; everyone=calculate; b=*; a-b=*"})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"a", "b", "a-b"}, s.Signin.Groups()); d != "" {
		t.Errorf("groups (-want +got):\n%s", d)
	}
	env := s.MCPEnv(nil)
	if env["SIGNIN_SCOPES"] != "mcp/tools" || env["SIGNIN_PKCE"] != "true" || env["SIGNIN_GROUPS_CLAIM"] != "cognito:groups" {
		t.Errorf("environment %v", env)
	}
	if routes := s.PublicRoutes(); len(routes) != 8 || routes[1].Path != "/.well-known/oauth-authorization-server/signin" || routes[1].Reason == "" {
		t.Errorf("%d routes %+v, want 8 with the document of the authorization server", len(routes), routes)
	}
	for name, values := range map[string]map[string]string{
		"a scope":             {"SIGNIN_SCOPES": "x"},
		"an audience":         {"SIGNIN_AUDIENCE": "x"},
		"a claim":             {"SIGNIN_GROUPS_CLAIM": "x"},
		"a group with blanks": {"SIGNIN_TOOLS": "a b=*"},
		"a long group":        {"SIGNIN_TOOLS": strings.Repeat("ж", 129) + "=*"},
	} {
		values["SIGNIN_ISSUER"] = "cognito"
		if _, err := settings.Parse(values); err == nil || !strings.Contains(err.Error(), "SIGNIN_") {
			t.Errorf("%s: %v, want an error", name, err)
		}
	}
	if _, err := settings.Parse(map[string]string{"SIGNIN_ISSUER": "cognito", "SIGNIN_TOOLS": strings.Repeat("ж", 128) + "=*"}); err != nil {
		t.Errorf("a group of 128 characters: %v", err)
	}
	if _, err := settings.Parse(map[string]string{"SIGNIN_LOG_EMAIL": "true"}); err == nil {
		t.Error("SIGNIN_LOG_EMAIL without an issuer is accepted")
	}
}

// TestEscapedIssuer: an issuer with an escaped path is checked like any other.
func TestEscapedIssuer(t *testing.T) {
	for issuer, ok := range map[string]bool{
		"https://login.example.com/a%20b": true, "https://login.example.com/%2ewell-known/openid-configuration": false, "https://login.example.com/.well-known/openid-configuration": false,
	} {
		if _, err := settings.Parse(map[string]string{"SIGNIN_ISSUER": issuer}); (err == nil) != ok {
			t.Errorf("%s: %v, want it accepted: %t", issuer, err, ok)
		}
	}
}

// TestSigninClients: a user pool gets only the redirect URIs of hosted services, and all
// metadata URLs are fixed.
func TestSigninClients(t *testing.T) {
	redirects := settings.HostedRedirects()
	if len(redirects) < 4 || slices.ContainsFunc(redirects, func(u string) bool { return !strings.HasPrefix(u, "https://") }) {
		t.Errorf("hosted redirects %q", redirects)
	}
	urls := settings.ClientMetadataURLs()
	if len(urls) < 4 || slices.ContainsFunc(urls, func(u string) bool { return !strings.HasPrefix(u, "https://") || strings.Contains(u, "*") }) {
		t.Errorf("metadata %q", urls)
	}
}
