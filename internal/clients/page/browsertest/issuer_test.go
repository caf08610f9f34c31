package browsertest

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"serverless-mcp/internal/devserver/issuer"
)

// TestIssuerForm checks the form of the local server's issuer in both color schemes and on
// a phone, and signs in with it: the browser returns to the client with a code.
func TestIssuerForm(t *testing.T) {
	chromium(t)
	axe, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	if err != nil {
		missing(t, "axe-core (npm ci in internal/clients/page/browsertest)")
	}
	form := loginForm(t)
	for name, steps := range map[string][]step{
		"form-light": {scheme("light")}, "form-dark": {scheme("dark")}, "form-phone": {size(360, 740)},
	} {
		b := visit(t, form, steps...)
		b.screenshot(t, name)
		if over := eval[int](t, b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
			t.Errorf("%s: %d pixels too wide", name, over)
		}
		if got := eval[string](t, b, focusedAfterAFrame); got != "name" {
			t.Errorf("%s: %q has the focus, want the name", name, got)
		}
		eval[bool](t, b, string(axe)+"; true")
		for _, f := range violations(t, b, "document") {
			t.Errorf("%s: %s", name, f)
		}
		b.run(t, chromedp.Click(chromedp.CSS("button:not([name])")), chromedp.WaitVisible(chromedp.CSS("#callback")))
		if got := eval[string](t, b, `location.search`); !strings.Contains(got, "code=") || !strings.Contains(got, "state=abc") || !strings.Contains(got, "iss=") {
			t.Errorf("%s: the client got %q, want code, state and iss", name, got)
		}
	}
}

// focusedAfterAFrame evaluates to the id of the element with the focus after the next
// frame, in which the browser applies autofocus.
const focusedAfterAFrame = `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(document.activeElement.id))))`

// loginForm runs the issuer and a client's callback, and returns the URL with which
// the client sends the browser to the issuer.
func loginForm(t *testing.T) string {
	t.Helper()
	callback := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<!doctype html><link rel="icon" href="data:,"><p id="callback">done</p>`))
	}))
	t.Cleanup(callback.Close)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	key, _, err := issuer.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	const resource = "http://127.0.0.1:8080/signin/mcp"
	at, stop, err := issuer.Serve(l, issuer.Options{Resource: resource, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stop() })
	id := register(t, at, callback.URL+"/callback")
	return at + "/authorize?" + url.Values{
		"client_id": {id}, "redirect_uri": {callback.URL + "/callback"}, "response_type": {"code"}, "state": {"abc"},
		"code_challenge": {strings.Repeat("a", 43)}, "code_challenge_method": {"S256"}, "resource": {resource},
	}.Encode()
}

// register registers a client, and returns its id.
func register(t *testing.T, issuer, redirect string) string {
	t.Helper()
	response, err := http.Post(issuer+"/register", "application/json",
		strings.NewReader(`{"client_name":"Some editor","redirect_uris":["`+redirect+`"]}`))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var client struct {
		ID string `json:"client_id"`
	}
	if err := json.NewDecoder(response.Body).Decode(&client); err != nil || client.ID == "" {
		t.Fatalf("register a client: status %d, %v", response.StatusCode, err)
	}
	return client.ID
}
