package doctor_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/clients/doctor"
	"serverless-mcp/internal/devserver/issuer"
	"serverless-mcp/internal/hosting/serve"
	"serverless-mcp/internal/hosting/signincheck"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/tool"
	"serverless-mcp/tools"
)

// signinServer runs our server with sign-in at a local issuer, behind a fault, and
// returns the endpoint for sign-in.
func signinServer(t *testing.T, fault func(w http.ResponseWriter, r *http.Request, next http.Handler)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	key, _, err := issuer.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(nil)
	endpoint := "http://" + s.Listener.Addr().String() + "/signin/mcp"
	at, stop, err := issuer.Serve(l, issuer.Options{Resource: endpoint, Scopes: []string{"tools"}, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stop() })
	h, err := serve.New(func(tools.Config) tool.Set { return tool.Set{} }, serve.Options{
		Name: "x", Signin: signincheck.Options{Issuer: at, Resource: endpoint, Scopes: "tools", Tools: "everyone=*"},
		Authenticate: func(*http.Request) (apikey.Principal, error) { return apikey.Principal{}, mcphttp.ErrUnauthorized },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fault(w, r, h) })
	s.Start()
	t.Cleanup(s.Close)
	return endpoint
}

// answers returns a fault that answers a path, or requests with a token.
func answers(path string, status int, body string) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Path != path && (path != "token" || r.Header.Get("Authorization") == "") {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// remapped renames the challenge to name, "" removes it.
func remapped(name string) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		for header, values := range rec.Header() {
			if header == "Www-Authenticate" {
				header = name
			}
			if header != "" {
				w.Header()[http.CanonicalHeaderKey(header)] = values
			}
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes())
	}
}

// TestSigninEndpoint: the endpoint for sign-in has its own checks and those of its issuer.
// Each fault leads to its findings, and to no others.
func TestSigninEndpoint(t *testing.T) {
	const metadata = "/.well-known/oauth-protected-resource/signin/mcp"
	const result = `{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}`
	for name, c := range map[string]struct {
		fault func(http.ResponseWriter, *http.Request, http.Handler)
		want  map[string]doctor.Status // findings that are neither ok nor the one about calls
		title string                   // part of a title
	}{
		"good":                 {remapped("WWW-Authenticate"), nil, "the challenge names the sign-in metadata"},
		"renamed challenge":    {remapped("X-Amzn-Remapped-Www-Authenticate"), nil, "the challenge is renamed"},
		"no challenge":         {remapped(""), map[string]doctor.Status{"challenge": doctor.Warning}, "the challenge does not name the sign-in metadata"},
		"open":                 {answers("/signin/mcp", 200, result), map[string]doctor.Status{"no-token": doctor.Failure, "wrong-token": doctor.Failure, "challenge": doctor.Warning}, "requests without a token are accepted"},
		"every token":          {answers("token", 200, result), map[string]doctor.Status{"wrong-token": doctor.Failure}, "requests with a wrong token are accepted"},
		"403 for a token":      {answers("token", 403, `{}`), map[string]doctor.Status{"wrong-token": doctor.Failure}, "with another status than 401"},
		"no keys":              {answers("token", 503, `{}`), map[string]doctor.Status{"wrong-token": doctor.Failure}, "requests with a wrong token fail"},
		"403 without a token":  {answers("/signin/mcp", 403, `{}`), map[string]doctor.Status{"no-token": doctor.Failure, "wrong-token": doctor.Failure, "challenge": doctor.Warning}, "are not rejected"},
		"another resource":     {answers(metadata, 200, `{"resource":"https://x.example/signin/mcp","authorization_servers":["https://i.example"]}`), map[string]doctor.Status{"metadata": doctor.Failure}, "cannot be used"},
		"no issuer":            {answers(metadata, 404, ``), map[string]doctor.Status{"metadata": doctor.Failure}, "cannot be used"},
		"a document at root":   {answers("/.well-known/oauth-protected-resource", 200, `{}`), map[string]doctor.Status{"keys-alone": doctor.Failure}, "clients with keys find OAuth discovery"},
		"a document for /mcp":  {answers("/.well-known/oauth-protected-resource/mcp", 200, `{}`), map[string]doctor.Status{"keys-alone": doctor.Failure}, "clients with keys find OAuth discovery"},
		"an issuer of its own": {answers("/.well-known/oauth-authorization-server", 200, `{}`), map[string]doctor.Status{"keys-alone": doctor.Failure}, "clients with keys find OAuth discovery"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			findings := doctor.Run(t.Context(), doctor.Options{URL: signinServer(t, c.fault)})
			got := map[string]doctor.Status{}
			titles := ""
			for _, f := range findings {
				titles += f.Title + "\n"
				switch {
				case f.Title == "" || f.Status == doctor.Failure && (f.Advice == "" || f.Breaks == ""):
					t.Errorf("%+v: no title, or no advice", f)
				case f.Status != doctor.OK && f.ID != "calls":
					got[f.ID] = f.Status
				}
			}
			if d := cmp.Diff(c.want, got); d != "" && len(c.want)+len(got) > 0 {
				t.Errorf("findings that are not ok (-want +got):\n%s", d)
			}
			if !strings.Contains(titles, c.title) {
				t.Errorf("no finding %q in\n%s", c.title, titles)
			}
			wantFindings := 16
			if c.want["metadata"] != "" {
				wantFindings = 9 // without those of the issuer
			}
			if len(findings) != wantFindings {
				t.Errorf("%d findings, want %d", len(findings), wantFindings)
			}
		})
	}
}
