package issuer_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/devserver/issuer"
	"serverless-mcp/internal/signin"
)

const (
	resource = "http://127.0.0.1:8080/signin/mcp"
	callback = "http://127.0.0.1:3118/callback"
	verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)

var signingKey = sync.OnceValues(func() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) })

// browser is an HTTP client of an issuer. It follows no redirects.
type browser struct {
	t   *testing.T
	url string
	now time.Time
}

func open(t *testing.T) *browser {
	key, err := signingKey()
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, now: time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)}
	server := httptest.NewUnstartedServer(nil)
	b.url = "http://" + server.Listener.Addr().String()
	i, err := issuer.New(issuer.Options{URL: b.url, Resource: resource, Scopes: []string{"tools"}, Key: key, Now: func() time.Time { return b.now }})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = i
	server.Start()
	t.Cleanup(server.Close)
	return b
}

// do sends a request and returns the status, the Location and the body.
func (b *browser) do(method, path, kind, body string, header map[string]string) (int, *url.URL, string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	for name, value := range header {
		if r.Header.Set(name, value); name == "Host" {
			r.Host = value
		}
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	to, _ := response.Location()
	return response.StatusCode, to, string(text)
}

func (b *browser) json(method, path, kind, body string) (int, map[string]any) {
	b.t.Helper()
	status, _, text := b.do(method, path, kind, body, nil)
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		b.t.Fatalf("%s %s: %v in %q", method, path, err, text)
	}
	return status, v
}

func (b *browser) register(redirect string) string {
	b.t.Helper()
	status, v := b.json("POST", "/register", "application/json", `{"client_name":"test","redirect_uris":["`+redirect+`"],"scope":"tools"}`)
	id, _ := v["client_id"].(string)
	if status != http.StatusCreated || id == "" {
		b.t.Fatalf("registration: %d %v", status, v)
	}
	return id
}

// request is a good authorization request.
func request(client string) url.Values {
	sum := sha256.Sum256([]byte(verifier))
	return url.Values{
		"client_id": {client}, "redirect_uri": {callback}, "response_type": {"code"}, "scope": {"tools"}, "state": {"s&1"}, "resource": {resource},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
}

const formType = "application/x-www-form-urlencoded"

// code signs in and returns the code.
func (b *browser) code(client string) string {
	b.t.Helper()
	v := request(client)
	v.Set("name", "ada")
	v.Set("groups", "analysts, admins ,")
	status, to, body := b.do("POST", "/authorize", formType, v.Encode(), map[string]string{"Origin": b.url})
	if status != http.StatusSeeOther || to == nil || !strings.HasPrefix(to.String(), callback+"?") {
		b.t.Fatalf("sign in: %d %v %s", status, to, body)
	}
	if q := to.Query(); q.Get("state") != "s&1" || q.Get("iss") != b.url {
		b.t.Errorf("redirect to %s, want state and iss", to)
	}
	return to.Query().Get("code")
}

func exchange(client, code string) url.Values {
	return url.Values{"grant_type": {"authorization_code"}, "client_id": {client}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {verifier}, "resource": {resource}}
}

// TestFlow signs in. The deployed server's verifier accepts the tokens.
func TestFlow(t *testing.T) {
	b := open(t)
	client := b.register(callback)
	if status, _, page := b.do("GET", "/authorize?"+request(client).Encode(), "", "", nil); status != 200 || !strings.Contains(page, "<strong>test</strong>") {
		t.Errorf("form: %d %s", status, page)
	}
	status, first := b.json("POST", "/token", formType, exchange(client, b.code(client)).Encode())
	if status != 200 {
		t.Fatalf("token: %d %v", status, first)
	}
	refresh := url.Values{"grant_type": {"refresh_token"}, "client_id": {client}, "refresh_token": {first["refresh_token"].(string)}}
	status, second := b.json("POST", "/token", formType, refresh.Encode())
	if status != 200 {
		t.Fatalf("refresh: %d %v", status, second)
	}
	if status, v := b.json("POST", "/token", formType, refresh.Encode()); status != 400 || v["error"] != "invalid_grant" {
		t.Errorf("a refresh token was used twice: %d %v", status, v)
	}
	grants, err := signin.ParseGrants("analysts=calculate;admins=get_weather")
	if err != nil {
		t.Fatal(err)
	}
	v, err := signin.New(signin.Options{Issuer: b.url, Resource: resource, Scopes: []string{"tools"}, Tools: grants, Now: func() time.Time { return b.now }})
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]map[string]any{"first": first, "refreshed": second} {
		p, err := v.Principal(t.Context(), []string{"Bearer " + token["access_token"].(string)})
		if d := cmp.Diff([]string{"calculate", "get_weather"}, p.Tools); err != nil || d != "" {
			t.Errorf("%s token: %v %s", name, err, d)
		}
	}
	b.now = b.now.Add(time.Hour + time.Minute)
	if _, err := v.Principal(t.Context(), []string{"Bearer " + second["access_token"].(string)}); !errors.Is(err, signin.ErrInvalid) {
		t.Errorf("after an hour: %v", err)
	}
}

// TestLoopbackPorts: a client whose port changes with each start can sign in without
// registering again.
func TestLoopbackPorts(t *testing.T) {
	b := open(t)
	if status, _, body := b.do("GET", "/authorize?"+request(b.register("http://127.0.0.1/callback")).Encode(), "", "", nil); status != 200 {
		t.Errorf("%d %s", status, body)
	}
}

func TestAuthorizeRejects(t *testing.T) {
	b := open(t)
	client := b.register(callback)
	for name, c := range map[string]struct {
		change map[string]string
		status int
		code   string // in the redirect to the client
	}{
		"unknown client":   {map[string]string{"client_id": "x"}, 400, ""},
		"forged client":    {map[string]string{"client_id": strings.Split(client, ".")[0] + ".AAAA"}, 400, ""},
		"a code as client": {map[string]string{"client_id": strings.Replace(client, "client_", "code_", 1)}, 400, ""},
		"foreign redirect": {map[string]string{"redirect_uri": "https://example.com/callback"}, 400, ""},
		"other path":       {map[string]string{"redirect_uri": callback + "/x"}, 400, ""},
		"user in redirect": {map[string]string{"redirect_uri": "http://127.0.0.1@example.com/callback"}, 400, ""},
		"implicit flow":    {map[string]string{"response_type": "token"}, 303, "unsupported_response_type"},
		"no PKCE":          {map[string]string{"code_challenge": ""}, 303, "invalid_request"},
		"plain PKCE":       {map[string]string{"code_challenge_method": "plain"}, 303, "invalid_request"},
		"another resource": {map[string]string{"resource": "http://127.0.0.1:8080/mcp"}, 303, "invalid_target"},
		"unknown scope":    {map[string]string{"scope": "tools root"}, 303, "invalid_scope"},
	} {
		v := request(client)
		for name, value := range c.change {
			v.Set(name, value)
		}
		for _, method := range []string{"GET", "POST"} {
			path, body := "/authorize?"+v.Encode(), ""
			if method == "POST" {
				v.Set("name", "ada")
				path, body = "/authorize", v.Encode()
			}
			status, to, text := b.do(method, path, formType, body, nil)
			if status != c.status || to != nil && to.Query().Get("error") != c.code || strings.Contains(text, "code_") {
				t.Errorf("%s, %s: %d %v %s; want %d %s", name, method, status, to, text, c.status, c.code)
			}
		}
	}
}

func TestTokenRejects(t *testing.T) {
	b := open(t)
	client, other := b.register(callback), b.register("http://127.0.0.1:1/callback")
	for name, c := range map[string]struct{ field, value, want string }{
		"no code":          {"code", "", "invalid_grant"},
		"forged code":      {"code", "code_e30.AAAA", "invalid_grant"},
		"client as code":   {"code", client, "invalid_grant"},
		"another client":   {"client_id", other, "invalid_grant"},
		"another redirect": {"redirect_uri", callback + "/x", "invalid_grant"},
		"wrong verifier":   {"code_verifier", verifier + "x", "invalid_grant"},
		"no verifier":      {"code_verifier", "", "invalid_grant"},
		"another resource": {"resource", "https://example.com", "invalid_target"},
		"password grant":   {"grant_type", "password", "unsupported_grant_type"},
		"code as refresh":  {"grant_type", "refresh_token", "invalid_grant"},
	} {
		v := exchange(client, b.code(client))
		v.Set(c.field, c.value)
		if status, got := b.json("POST", "/token", formType, v.Encode()); status != 400 || got["error"] != c.want {
			t.Errorf("%s: %d %v, want %s", name, status, got, c.want)
		}
	}
	v := exchange(client, b.code(client))
	status, _ := b.json("POST", "/token", formType, v.Encode())
	if again, got := b.json("POST", "/token", formType, v.Encode()); status != 200 || again != 400 {
		t.Errorf("a code used twice: %d, then %d %v", status, again, got)
	}
	v = exchange(client, b.code(client))
	b.now = b.now.Add(time.Minute)
	if status, got := b.json("POST", "/token", formType, v.Encode()); status != 400 || got["error"] != "invalid_grant" {
		t.Errorf("a code of a minute ago: %d %v", status, got)
	}
}

// A long client name is cut between characters.
func TestLongClientName(t *testing.T) {
	b := open(t)
	_, v := b.json("POST", "/register", "application/json", `{"client_name":"x`+strings.Repeat("é", 200)+`","redirect_uris":["`+callback+`"]}`)
	if got, want := v["client_name"], "x"+strings.Repeat("é", 49); got != want {
		t.Errorf("client_name %q, want %q", got, want)
	}
}

// TestOtherSites: a web page can neither register a client nor send the form,
// nor reach the issuer by another name.
func TestOtherSites(t *testing.T) {
	b := open(t)
	form := request(b.register(callback))
	form.Set("name", "eve")
	for name, c := range map[string]struct {
		path, kind, body string
		header           map[string]string
		want             int
	}{
		"registration as a form": {"/register", "text/plain", `{"redirect_uris":["https://example.com"]}`, nil, 400},
		"form of another origin": {"/authorize", formType, form.Encode(), map[string]string{"Origin": "https://example.com"}, 403},
		"form without an origin": {"/authorize", formType, form.Encode(), map[string]string{"Origin": "null"}, 403},
		"cross-site form":        {"/authorize", formType, form.Encode(), map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		"other host":             {"/authorize", formType, form.Encode(), map[string]string{"Host": "example.com"}, 421},
		"empty name":             {"/authorize", formType, strings.Replace(form.Encode(), "name=eve", "name=", 1), nil, 400},
	} {
		if status, to, body := b.do("POST", c.path, c.kind, c.body, c.header); status != c.want || to != nil {
			t.Errorf("%s: %d %v %.200s, want %d", name, status, to, body, c.want)
		}
	}
	for _, redirect := range []string{"", "javascript:alert(1)", "http://example.com/", "https://user@example.com/", "https://example.com/#x", "data:text/html,x", "/callback"} {
		if status, v := b.json("POST", "/register", "application/json", `{"redirect_uris":["`+redirect+`"]}`); status != 400 || v["error"] != "invalid_redirect_uri" {
			t.Errorf("registration of %q: %d %v", redirect, status, v)
		}
	}
}

// TestCancel: the client gets access_denied.
func TestCancel(t *testing.T) {
	b := open(t)
	v := request(b.register(callback))
	v.Set("deny", "1")
	if status, to, _ := b.do("POST", "/authorize", formType, v.Encode(), nil); status != 303 || to.Query().Get("error") != "access_denied" {
		t.Errorf("%d %v", status, to)
	}
}

// TestFormEscapes: the client's name and parameters are escaped.
func TestFormEscapes(t *testing.T) {
	b := open(t)
	_, v := b.json("POST", "/register", "application/json", `{"client_name":"<script>x</script>","redirect_uris":["`+callback+`"]}`)
	q := request(v["client_id"].(string))
	q.Set("state", `"><script>y</script>`)
	if _, _, page := b.do("GET", "/authorize?"+q.Encode(), "", "", nil); strings.Contains(page, "<script>") {
		t.Errorf("the form contains markup from the client:\n%s", page)
	}
}

// The form that asks for another name is as protected as the first one. A name is counted
// in characters.
func TestNameInForm(t *testing.T) {
	b := open(t)
	v := request(b.register(callback))
	for name, want := range map[string]int{"": http.StatusBadRequest, strings.Repeat("é", 101): http.StatusBadRequest, strings.Repeat("天", 86): http.StatusBadRequest, strings.Repeat("é", 100): http.StatusSeeOther} {
		v.Set("name", name)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+"/authorize", strings.NewReader(v.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", formType)
		response, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("a name of %d bytes: %d, want %d", len(name), response.StatusCode, want)
		}
		policy := response.Header.Get("Content-Security-Policy")
		if want == http.StatusBadRequest && !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("a name of %d bytes: Content-Security-Policy %q", len(name), policy)
		}
	}
}

func TestNewRejects(t *testing.T) {
	key, _ := signingKey()
	good := issuer.Options{URL: "http://127.0.0.1:1", Resource: resource, Key: key}
	for name, change := range map[string]func(*issuer.Options){
		"not loopback": func(o *issuer.Options) { o.URL = "http://192.0.2.1:1" },
		"https":        func(o *issuer.Options) { o.URL = "https://127.0.0.1:1" },
		"a path":       func(o *issuer.Options) { o.URL = "http://127.0.0.1:1/x" },
		"no resource":  func(o *issuer.Options) { o.Resource = "" },
		"no key":       func(o *issuer.Options) { o.Key = nil },
	} {
		o := good
		if change(&o); true {
			if _, err := issuer.New(o); err == nil {
				t.Errorf("%s: no error", name)
			}
		}
	}
}
