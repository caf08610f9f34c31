package signincheck_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"serverless-mcp/internal/hosting/lambdahttp"
	"serverless-mcp/internal/hosting/signincheck"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/test/tokens"
)

// newIssuer starts an issuer, and returns its URL and a function that signs tokens of an
// admin.
func newIssuer(t testing.TB) (string, func(audience string) string) {
	url, sign := tokens.Issuer(t)
	return url, func(audience string) string {
		return sign(tokens.Claims{"sub": "ada", "aud": audience, "groups": "admins"})
	}
}

// noKeys is the check of keys in tests that send none.
func noKeys(*http.Request) (apikey.Principal, error) {
	return apikey.Principal{}, mcphttp.ErrUnauthorized
}

// serve passes a request with the domain name of AWS's event and another Host
// header to the check.
func serve(t *testing.T, c *signincheck.Check, domain, path, token string) (p apikey.Principal, response events.APIGatewayV2HTTPResponse, err error) {
	t.Helper()
	h := c.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { p, err = c.Authenticate(noKeys)(r) }))
	event := events.APIGatewayV2HTTPRequest{RawPath: path, Headers: map[string]string{"host": "evil.example", "x-forwarded-host": "evil.example"}}
	if token != "" {
		event.Headers["authorization"] = "Bearer " + token
	}
	event.RequestContext.DomainName = domain
	event.RequestContext.HTTP.Method = "GET"
	response, handled := lambdahttp.Buffered(h, nil)(t.Context(), lambdahttp.NewEvent(event))
	if handled != nil {
		t.Fatal(handled)
	}
	return p, response, err
}

func newCheck(t testing.TB, o signincheck.Options) *signincheck.Check {
	t.Helper()
	c, err := signincheck.New(o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestAudience: the audience comes from AWS's field of the event or from the
// setting, never from the Host header.
func TestAudience(t *testing.T) {
	issuer, sign := newIssuer(t)
	for name, test := range map[string]struct {
		resource, audience, domain, token string
		want                              bool
	}{
		"the event's domain":     {"", "", "abc.example.com", "https://abc.example.com/signin/mcp", true},
		"upper case":             {"", "", "ABC.example.com", "https://abc.example.com/signin/mcp", true},
		"another domain":         {"", "", "abc.example.com", "https://xyz.example.com/signin/mcp", false},
		"the Host header":        {"", "", "abc.example.com", "https://evil.example/signin/mcp", false},
		"no domain":              {"", "", "", "https:///signin/mcp", false},
		"the local server":       {"", "", "127.0.0.1:8080", "http://127.0.0.1:8080/signin/mcp", true},
		"configured":             {"https://mcp.example.com/signin/mcp", "", "abc.example.com", "https://mcp.example.com/signin/mcp", true},
		"configured, the event":  {"https://mcp.example.com/signin/mcp", "", "abc.example.com", "https://abc.example.com/signin/mcp", false},
		"audience of the issuer": {"", "api://mcp", "abc.example.com", "api://mcp", true},
		"keys' endpoint":         {"", "", "abc.example.com", "https://abc.example.com/mcp", false},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCheck(t, signincheck.Options{Issuer: issuer, Resource: test.resource, Audience: test.audience, Tools: "admins=*"})
			p, _, err := serve(t, c, test.domain, settings.SigninPath, sign(test.token))
			if (err == nil) != test.want || (p.KeyID != "") != test.want {
				t.Errorf("%+v, %v; want accepted %t", p, err, test.want)
			}
		})
	}
}

// TestPaths: a token is accepted only at the sign-in endpoint, and only the check of keys
// decides at the endpoints for keys.
func TestPaths(t *testing.T) {
	issuer, sign := newIssuer(t)
	c := newCheck(t, signincheck.Options{Issuer: issuer, Tools: "admins=*"})
	token := sign("https://a.example.com/signin/mcp")
	for path, want := range map[string]bool{
		"/signin/mcp": true, "/signin/mcp/": true,
		"/mcp": false, "/bearer/mcp": false, "/signin/mcp/x": false, "/signin/mcp/../../mcp": false, "//signin/mcp": false, "/SIGNIN/mcp": false,
	} {
		p, _, err := serve(t, c, "a.example.com", path, token)
		if (err == nil) != want || !want && !errors.Is(err, mcphttp.ErrUnauthorized) {
			t.Errorf("%s: %+v, %v; want accepted %t", path, p, err, want)
		}
	}
	_, _, err := serve(t, c, "a.example.com", settings.SigninPath, "")
	var own *mcphttp.HTTPError
	if !errors.As(err, &own) || own.Status != 401 || !strings.Contains(own.Header.Get("WWW-Authenticate"), "https://a.example.com/.well-known/oauth-protected-resource/signin/mcp") {
		t.Errorf("without a token: %+v, want 401 and the metadata's URL", err)
	}
}

func TestMetadata(t *testing.T) {
	issuer, _ := newIssuer(t)
	c := newCheck(t, signincheck.Options{Issuer: issuer, Scopes: "tools"})
	_, response, _ := serve(t, c, "a.example.com", "/.well-known/oauth-protected-resource/signin/mcp", "")
	want := `{"resource":"https://a.example.com/signin/mcp","authorization_servers":["` + issuer + `"],"scopes_supported":["tools"],"bearer_methods_supported":["header"]}`
	if response.StatusCode != 200 || response.Body != want || response.Headers["Content-Type"] != "application/json" {
		t.Errorf("got %+v, want %s", response, want)
	}
	for _, path := range []string{"/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource/signin/mcp/"} {
		if _, _, err := serve(t, c, "a.example.com", path, ""); !errors.Is(err, mcphttp.ErrUnauthorized) {
			t.Errorf("%s is served", path)
		}
	}
	w := httptest.NewRecorder()
	c.Handler(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest("POST", "/.well-known/oauth-protected-resource/signin/mcp", nil))
	if body, _ := io.ReadAll(w.Body); w.Code != 405 || string(body) != "Method Not Allowed\n" || w.Header().Get("Allow") != "GET, HEAD" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("POST: %d %s %v", w.Code, body, w.Header())
	}
	if response.Headers["Cache-Control"] != "max-age=300" || response.Headers["Access-Control-Allow-Origin"] != "*" {
		t.Errorf("headers %v", response.Headers)
	}
	fixed := newCheck(t, signincheck.Options{Issuer: issuer, Resource: "https://mcp.example.com/signin/mcp"})
	w = httptest.NewRecorder()
	fixed.Handler(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest("HEAD", "/.well-known/oauth-protected-resource/signin/mcp", nil))
	if w.Code != 200 {
		t.Errorf("HEAD: %d", w.Code)
	}
}

// TestRecheck: the keyring does not know people, and must not end their streams.
func TestRecheck(t *testing.T) {
	issuer, _ := newIssuer(t)
	c := newCheck(t, signincheck.Options{Issuer: issuer})
	recheck := c.Recheck(func(*http.Request) error { return errors.New("revoked") })
	for _, path := range []string{settings.SigninPath, settings.SigninPath + "/"} {
		if err := recheck(httptest.NewRequest("GET", path, nil)); err != nil {
			t.Errorf("a person at %s: %v", path, err)
		}
	}
	for _, path := range []string{settings.MCPPath, settings.BearerPath} {
		if err := recheck(httptest.NewRequest("GET", path, nil)); err == nil {
			t.Errorf("a revoked key was accepted at %s", path)
		}
	}
}

// TestOff: without an issuer, the functions for keys and the handler are returned
// unwrapped, and nothing is allocated. TestInitialization, in the end-to-end tests, shows
// that the package does nothing before main.
func TestOff(t *testing.T) {
	c, err := signincheck.New(signincheck.Options{Tools: "ignored"}, nil)
	if c != nil || err != nil {
		t.Fatalf("%v, %v; want off", c, err)
	}
	if paths := c.Paths("/mcp"); !slices.Equal(paths, []string{"/mcp"}) {
		t.Errorf("paths %q", paths)
	}
	keys := func(*http.Request) (apikey.Principal, error) { return apikey.Principal{KeyID: "k"}, nil }
	again := func(*http.Request) error { return nil }
	mux := http.NewServeMux()
	pointer := func(f any) uintptr { return reflect.ValueOf(f).Pointer() }
	if pointer(c.Authenticate(keys)) != pointer(keys) || pointer(c.Recheck(again)) != pointer(again) || c.Handler(mux) != http.Handler(mux) {
		t.Error("a wrapper is around the check of keys or the handler")
	}
	before := runtime.NumGoroutine()
	r := httptest.NewRequest("POST", settings.SigninPath, nil)
	if n := testing.AllocsPerRun(100, func() {
		c, _ := signincheck.New(signincheck.Options{}, nil)
		if p, err := c.Authenticate(keys)(r); p.KeyID != "k" || err != nil {
			t.Errorf("%+v, %v", p, err)
		}
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines, %d before", after, before)
	}
}

func TestNewRejects(t *testing.T) {
	for _, o := range []signincheck.Options{
		{Issuer: "http://example.com"}, {Issuer: "https://example.com", Tools: "x"}, {Issuer: "https://example.com", NotBefore: "today"},
		{Issuer: "https://example.com", Resource: "http://example.com"},
	} {
		if _, err := signincheck.New(o, nil); err == nil || !strings.HasPrefix(err.Error(), "configuration: ") {
			t.Errorf("%+v: %v, want an error", o, err)
		}
	}
}

// BenchmarkAuthenticate measures what sign-in adds to a call: with a token that was
// verified in the last five minutes, and with a new one, whose signature is checked.
func BenchmarkAuthenticate(b *testing.B) {
	issuer, sign := newIssuer(b)
	const resource = "https://mcp.example.com/signin/mcp"
	token := sign(resource)
	request := func() *http.Request {
		r := httptest.NewRequest("POST", settings.SigninPath, nil)
		r.Header.Set("Authorization", "Bearer "+token)
		return r
	}
	newOne := func() func(*http.Request) (apikey.Principal, error) {
		check := newCheck(b, signincheck.Options{Issuer: issuer, Resource: resource}).Authenticate(noKeys)
		if _, err := check(request()); err != nil {
			b.Fatal(err)
		}
		return check
	}
	b.Run("known token", func(b *testing.B) {
		check, r := newOne(), request()
		for b.Loop() {
			if _, err := check(r); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("new token", func(b *testing.B) {
		check := newOne()
		for b.Loop() {
			b.StopTimer()
			token = sign(resource)
			r := request()
			b.StartTimer()
			if _, err := check(r); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// TestServerMetadata: the copy of the issuer's metadata is served only with SIGNIN_PKCE.
// While the issuer cannot be read, both documents are 503 and not a wrong answer that
// clients would cache.
func TestServerMetadata(t *testing.T) {
	newIssuer := func(more map[string]any) *httptest.Server {
		return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			document := map[string]any{"issuer": "http://" + r.Host, "authorization_endpoint": "https://login.example.com/a", "token_endpoint": "https://login.example.com/t"}
			maps.Copy(document, more)
			_ = json.NewEncoder(w).Encode(document)
		}))
	}
	issuer, complete := newIssuer(nil), newIssuer(map[string]any{"code_challenge_methods_supported": []string{"S256"}})
	defer complete.Close()
	down := httptest.NewServer(http.NotFoundHandler())
	defer issuer.Close()
	defer down.Close()
	for _, c := range []struct {
		issuer, path string
		pkce         bool
		want         int
	}{
		{issuer.URL, settings.SigninServerPath, true, http.StatusOK},
		{issuer.URL, settings.SigninMetadataPath, true, http.StatusOK},
		{issuer.URL, settings.SigninServerPath, false, http.StatusTeapot}, // passed on
		{issuer.URL, settings.SigninMetadataPath, false, http.StatusOK},
		{complete.URL, settings.SigninServerPath, true, http.StatusNotFound}, // needs no copy
		{complete.URL, settings.SigninMetadataPath, true, http.StatusOK},
		{down.URL, settings.SigninServerPath, true, http.StatusServiceUnavailable},
		{down.URL, settings.SigninMetadataPath, true, http.StatusServiceUnavailable},
		{down.URL, settings.SigninMetadataPath, false, http.StatusOK},
	} {
		var log bytes.Buffer
		check, err := signincheck.New(signincheck.Options{Issuer: c.issuer, Resource: "https://example.com/signin/mcp", PKCE: c.pkce}, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
		check.Handler(next).ServeHTTP(w, httptest.NewRequest("GET", c.path, nil))
		if w.Code != c.want || w.Code == http.StatusServiceUnavailable && (w.Header().Get("Retry-After") == "" || w.Header().Get("Cache-Control") != "") {
			t.Errorf("%+v: status %d, header %v", c, w.Code, w.Header())
		}
		if failed := w.Code == http.StatusServiceUnavailable; failed != strings.Contains(log.String(), `level=WARN msg="sign-in metadata is not served" reason=`) {
			t.Errorf("%+v: logged %q", c, &log)
		}
		if path := c.path; w.Code == http.StatusOK && path == settings.SigninServerPath && !strings.Contains(w.Body.String(), `"issuer":"https://example.com/signin"`) {
			t.Errorf("copy %s", w.Body)
		}
	}
}

// TestFromEnv: switches are on only if the variable is "true", and NotBefore must be a
// valid time.
func TestFromEnv(t *testing.T) {
	for value, want := range map[string]bool{"true": true, "": false, "false": false, "1": false} {
		o := signincheck.FromEnv(func(name string) string {
			return map[string]string{settings.EnvSigninPKCE: value, settings.EnvSigninLogEmail: value, settings.EnvSigninIssuer: "https://login.example.com"}[name]
		})
		if o.PKCE != want || o.LogEmail != want || o.Issuer != "https://login.example.com" {
			t.Errorf("%q: %+v", value, o)
		}
	}
	issuer, sign := tokens.Issuer(t)
	token := sign(tokens.Claims{"sub": "ada", "aud": "https://a.example.com/signin/mcp", "groups": "admins", "iat": time.Now().Unix()})
	for notBefore, want := range map[string]bool{"2001-01-01T00:00:00Z": true, "2999-01-01T00:00:00Z": false} {
		c := newCheck(t, signincheck.Options{Issuer: issuer, Tools: "admins=*", NotBefore: notBefore})
		if _, _, err := serve(t, c, "a.example.com", settings.SigninPath, token); (err == nil) != want {
			t.Errorf("not before %s: %v", notBefore, err)
		}
	}
}

// TestLimitsOfPeople: SIGNIN_LIMITS are the limits of each person.
func TestLimitsOfPeople(t *testing.T) {
	issuer, sign := newIssuer(t)
	c := newCheck(t, signincheck.Options{Issuer: issuer, Tools: "admins=*", Limits: "60/m 5000/d"})
	p, _, err := serve(t, c, "a.example.com", settings.SigninPath, sign("https://a.example.com/signin/mcp"))
	if want := (apikey.Limits{Minute: 60, Day: 5000}); err != nil || p.Limits != want {
		t.Errorf("limits %v, %v; want %v", p.Limits, err, want)
	}
}

// TestWithoutADomain: a request without a domain, or with one more than is allowed, gets an
// error and no verifier for a URL that the caller chose.
func TestWithoutADomain(t *testing.T) {
	issuer, sign := newIssuer(t)
	c := newCheck(t, signincheck.Options{Issuer: issuer, Tools: "admins=*"})
	_, response, _ := serve(t, c, "", settings.SigninMetadataPath, "")
	if response.StatusCode != 500 || response.Headers["Cache-Control"] != "no-store" || strings.Contains(response.Body, "resource") {
		t.Errorf("metadata without a domain: %+v", response)
	}
	w := httptest.NewRecorder()
	c.Handler(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest("GET", settings.SigninMetadataPath, nil)) // not an event of Lambda
	if w.Code != 500 {
		t.Errorf("metadata outside Lambda: %d %s", w.Code, w.Body)
	}
	for i := range 11 {
		domain := string(rune('a'+i)) + ".example.com"
		for range 2 {
			if _, _, err := serve(t, c, domain, settings.SigninPath, sign("https://"+domain+"/signin/mcp")); (err == nil) != (i < 10) {
				t.Errorf("domain %d: %v", i+1, err)
			}
		}
	}
}

// TestOffPassesOn: without an issuer, keys are checked and requests served as before.
func TestOffPassesOn(t *testing.T) {
	var c *signincheck.Check
	if _, err := c.Authenticate(noKeys)(httptest.NewRequest("POST", settings.SigninPath, nil)); !errors.Is(err, mcphttp.ErrUnauthorized) {
		t.Errorf("Authenticate: %v", err)
	}
	if c.Recheck(nil) != nil || c.Recheck(func(*http.Request) error { return mcphttp.ErrForbidden })(nil) == nil {
		t.Error("Recheck is not that of keys")
	}
	w := httptest.NewRecorder()
	c.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })).
		ServeHTTP(w, httptest.NewRequest("GET", settings.SigninMetadataPath, nil))
	if w.Code != http.StatusTeapot {
		t.Errorf("the metadata of a server without sign-in: %d", w.Code)
	}
}
