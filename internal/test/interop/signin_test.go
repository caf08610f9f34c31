package interop_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"serverless-mcp/internal/devserver/issuer"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/test/interop"
)

// listen returns a listener on any port.
func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// localIssuer runs the issuer of the local server and returns its URL.
func localIssuer(t *testing.T, resource string) string {
	at, stop, err := issuer.Serve(listen(t), issuer.Options{Resource: resource, Scopes: []string{"tools"}, Key: must(issuer.NewKey)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stop() })
	return at
}

// otherIssuer returns a function that starts oidc-provider, a third-party issuer, and returns
// its URL. hidden lists what the issuer's metadata omits: pkce, iss.
func otherIssuer(node interop.Node, hidden string) func(t *testing.T, resource string) string {
	return func(t *testing.T, resource string) string {
		var got struct{ URL, Error string }
		request := map[string]string{"resource": resource, "metadata": clientID, "hidden": hidden}
		if err := runScript(t.Context(), node, "issuer", request, &got); err != nil || got.URL == "" {
			t.Fatalf("oidc-provider did not start: %v %s", err, got.Error)
		}
		return got.URL
	}
}

// clientID is the URL of a client's metadata. The test's issuer has the metadata.
const clientID = "https://client.example.com/metadata.json"

// signinChain runs the sample tools in a deployment shape, with sign-in at an issuer and with
// the settings in more set to true. It returns the base URLs of the server and the issuer.
func signinChain(t *testing.T, shape string, newIssuer func(t *testing.T, resource string) string, more ...string) (server, issuer string) {
	t.Helper()
	listener := listen(t)
	server = "http://" + listener.Addr().String()
	values := map[string]string{
		"API_KEY": rightKey, "SERVER_NAME": "interop", "SHAPES": shape, "CONTAINER_MIN_TASKS": "2",
		"THROTTLE_RATE": "1000", "THROTTLE_BURST": "1000",
		"SIGNIN_ISSUER": "https://login.example.com", "SIGNIN_SCOPES": "tools", "SIGNIN_TOOLS": "analysts=calculate",
	}
	for _, name := range more {
		values[name] = "true"
	}
	chosen, err := settings.Parse(values)
	if err != nil {
		t.Fatal(err)
	}
	chosen.Signin.Issuer = newIssuer(t, server+settings.SigninPath) // not parsed, because settings accept https only
	interop.Run(t, "functions", chosen, listener, server+settings.SigninPath)
	return server, chosen.Signin.Issuer
}

func must[A, B any](f func() (A, B, error)) A {
	a, _, err := f()
	if err != nil {
		panic(err)
	}
	return a
}

// TestSignin: third-party clients find the issuer after a bare 401, register there or pass
// the URL of their metadata, sign in, call tools, and refresh a token that has expired, is
// for another server or has a wrong signature, although the gateway renames the header with
// the challenge. A person's groups determine the scope. Keys continue to work.
func TestSignin(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("../../../tools/calculate.go"); errors.Is(err, fs.ErrNotExist) {
		t.Skip("the sample tools have been deleted")
	}
	node := interop.Install(t)
	for name, c := range map[string]struct {
		shape  string
		issuer func(*testing.T, string) string
	}{
		"http-api":  {settings.ShapeHTTPAPI, otherIssuer(node, "")},
		"stream":    {settings.ShapeStream, localIssuer},
		"container": {settings.ShapeContainer, localIssuer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, issuer := signinChain(t, c.shape, c.issuer)
			var wg sync.WaitGroup
			defer wg.Wait()
			p := person{node: node, url: server + settings.SigninPath, remaps: c.shape != settings.ShapeContainer}
			for _, client := range []string{"sdk-1", "sdk-2", "sdk-2-auto", "mcp-remote"} {
				p := p
				if p.client = client; name == "http-api" && client != "mcp-remote" {
					p.mint = issuer + "/mint"
					byMetadata := p
					byMetadata.metadata = clientID
					wg.Go(func() { byMetadata.signIn(t) })
				}
				wg.Go(func() { p.signIn(t) })
			}
			withKeys := keysOnly(t, server)
			for _, c := range clients(t, node)[1:4] {
				wg.Go(func() { checkCalls(t, c, address{url: withKeys + "/mcp", key: rightKey}) })
			}
		})
	}
}

// keysOnly returns the URL of a proxy to a server. At the end of the test it checks that all
// requests went to /mcp with the key, and none with a token: clients with keys are not
// affected by sign-in.
func keysOnly(t *testing.T, server string) string {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	requests := map[string]int{}
	forward := httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, FlushInterval: -1}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		line := r.Method + " " + r.URL.Path
		if r.Header.Get("X-Api-Key") != rightKey || r.Header.Get("Authorization") != "" {
			line += " without the key alone"
		}
		mu.Lock()
		requests[line]++
		mu.Unlock()
		// Otherwise net/http closes the request's body when a stream starts. If the proxy has
		// not read the whole body by then, it disconnects.
		if err := http.NewResponseController(w).EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		front.Close()
		delete(requests, "GET /mcp")    // clients may open the stream of a session
		delete(requests, "DELETE /mcp") // and end a session
		if requests["POST /mcp"] == 0 || len(requests) != 1 {
			t.Errorf("the endpoint for keys got %v, want POST /mcp only", requests)
		}
	})
	return front.URL
}

// person signs in with a client.
type person struct {
	node     interop.Node
	client   string // of signin.mjs
	url      string // the endpoint
	mint     string // URL at which the issuer mints bad tokens; empty means that it mints none
	metadata string // URL of the client's metadata, used as its id; empty means that it registers
	remaps   bool   // the shape renames WWW-Authenticate
}

// rejection is the server's response to a bad token.
type rejection struct {
	Status              int
	Challenge, Remapped string
}

// signIn signs in with the client, makes the calls and checks the results.
func (p person) signIn(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	request := map[string]any{
		"client": p.client, "url": p.url, "name": "ada", "groups": "analysts, others", "mint": p.mint, "metadata": p.metadata,
		"home": t.TempDir(), "calls": []call{
			{"calculate", map[string]any{"operation": "multiply", "a": 6, "b": 7}},
			{"get_weather", map[string]any{"city": "Lisbon"}},
		},
	}
	var got struct {
		received
		Refreshed     bool
		Registrations int
		Rejections    map[string]rejection
	}
	if err := runScript(ctx, p.node, "signin", request, &got); err != nil || got.Error != "" {
		t.Errorf("%s: %v %s", p.client, err, got.Error)
		return
	}
	registrations, rejections := 1, 1
	if p.metadata != "" {
		registrations = 0
	}
	switch {
	case p.mint != "":
		rejections = 3
	case p.client == "mcp-remote":
		rejections = 0
	}
	if !slices.Equal(got.Tools, []string{"calculate"}) || got.Registrations != registrations || !got.Refreshed ||
		len(got.Rejections) != rejections || len(got.Results) != 2*(1+rejections) {
		t.Errorf("%s: tools %q, %d registrations, refreshed %t, %d rejections, %d results; want calculate, %d, true, %d, %d", p.client,
			got.Tools, got.Registrations, got.Refreshed, len(got.Rejections), len(got.Results), registrations, rejections, 2*(1+rejections))
		return
	}
	for n, r := range got.Results {
		if n%2 == 0 && r.StructuredContent["result"] != 42.0 {
			t.Errorf("%s: calculate returned %+v", p.client, r)
		}
		if n%2 == 1 && !r.IsError && r.ProtocolError == "" {
			t.Errorf("%s: a tool of another group was called: %+v", p.client, r)
		}
	}
	for kind, r := range got.Rejections {
		p.checkRejection(t, kind, r)
	}
}

// checkRejection checks that a bad token gets 401 with the reason, either in the header of RFC
// 6750 or in the header to which AWS renames it.
func (p person) checkRejection(t *testing.T, kind string, r rejection) {
	challenge, other := r.Challenge, r.Remapped
	if p.remaps {
		challenge, other = other, challenge
	}
	if r.Status != http.StatusUnauthorized || !strings.Contains(challenge, `error="invalid_token"`) || !strings.Contains(challenge, "resource_metadata=") || other != "" {
		t.Errorf("%s, %s: rejected with %+v, want 401 with invalid_token; renamed: %t", p.client, kind, r, p.remaps)
	}
}

// TestHiddenPKCE: if an issuer supports PKCE without listing it in its metadata, strict
// clients use the server's copy of the metadata. If the issuer's responses contain iss, there
// is no copy, because clients would compare iss with the copy's issuer.
func TestHiddenPKCE(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("../../../tools/calculate.go"); errors.Is(err, fs.ErrNotExist) {
		t.Skip("the sample tools have been deleted")
	}
	node := interop.Install(t)
	t.Run("without iss", func(t *testing.T) {
		t.Parallel()
		server, issuer := signinChain(t, settings.ShapeHTTPAPI, otherIssuer(node, "pkce iss"), "SIGNIN_PKCE")
		if got := authorizationServer(t, server); got != server+"/signin" {
			t.Errorf("the server names the issuer %s, want the copy", got)
		}
		var wg sync.WaitGroup
		for _, client := range []string{"sdk-1", "sdk-2-auto"} {
			p := person{node: node, client: client, url: server + settings.SigninPath, mint: issuer + "/mint", remaps: true}
			wg.Go(func() { p.signIn(t) })
		}
		wg.Wait()
	})
	t.Run("with iss", func(t *testing.T) {
		t.Parallel()
		server, issuer := signinChain(t, settings.ShapeHTTPAPI, otherIssuer(node, "pkce"), "SIGNIN_PKCE")
		if got := authorizationServer(t, server); got != issuer {
			t.Errorf("the server names the issuer %s, want %s", got, issuer)
		}
		response, err := http.Get(server + settings.SigninServerPath)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusNotFound {
			t.Errorf("the copy is served with status %d, want 404", response.StatusCode)
		}
	})
}

// authorizationServer returns the URL of the issuer that the server names to clients.
func authorizationServer(t *testing.T, server string) string {
	t.Helper()
	response, err := http.Get(server + settings.SigninMetadataPath)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var m struct {
		Servers []string `json:"authorization_servers"`
	}
	if err := json.NewDecoder(response.Body).Decode(&m); err != nil || len(m.Servers) != 1 {
		t.Fatalf("status %d, servers %q, %v", response.StatusCode, m.Servers, err)
	}
	return m.Servers[0]
}

// TestSigninLeavesKeysAlone: sign-in does not affect clients with keys. There is no metadata
// document at the root or for /mcp, and no challenge.
func TestSigninLeavesKeysAlone(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it builds the functions")
	}
	server, _ := signinChain(t, settings.ShapeHTTPAPI, localIssuer)
	for path, want := range map[string]int{
		"/.well-known/oauth-protected-resource":            404,
		"/.well-known/oauth-protected-resource/mcp":        404,
		"/.well-known/oauth-authorization-server":          404,
		"/.well-known/openid-configuration":                404,
		"/.well-known/oauth-protected-resource/signin/mcp": 200,
		"/mcp":        401,
		"/signin/mcp": 405, // clients probe with GET
	} {
		response, err := http.Get(server + path)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("GET %s: status %d, want %d", path, response.StatusCode, want)
		}
		if path == "/mcp" && strings.Contains(strings.ToLower(headerNames(response.Header)), "www-authenticate") {
			t.Errorf("GET %s: a challenge for clients with keys: %v", path, response.Header)
		}
	}
}

func headerNames(h http.Header) string {
	var names []string
	for name := range h {
		names = append(names, name)
	}
	return strings.Join(names, " ")
}
