package page_test

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/page"
)

func get(t *testing.T, method, path, host string) *httptest.ResponseRecorder {
	t.Helper()
	return getFrom(page.Options{Name: "weather"}, method, path, host)
}

func getFrom(o page.Options, method, path, host string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://x"+path, nil)
	r.Host = host
	w := httptest.NewRecorder()
	page.New(o).ServeHTTP(w, r)
	return w
}

const deployed = "abc123.execute-api.eu-central-1.amazonaws.com"

// Entries, links and steps are those of clientconfig, for this server.
func TestShowsEveryClient(t *testing.T) {
	text := get(t, "GET", "/", deployed).Body.String()
	s := clientconfig.Server{Name: "weather", URL: "https://" + deployed + "/mcp"}
	for _, c := range clientconfig.All() {
		want := []string{c.Name, c.Text(s), c.Docs, c.Caveat}
		for _, goos := range []string{"darwin", "linux", "windows"} {
			places := c.Places(goos)
			want = append(want, places[len(places)-1])
			for _, step := range c.Steps(s, goos, "") {
				want = append(want, step.Text, step.Command)
			}
		}
		for _, w := range want {
			if !strings.Contains(html.UnescapeString(text), w) {
				t.Errorf("%s: the page lacks %q", c.ID, w)
			}
		}
		if link := c.Link(s); !strings.Contains(html.UnescapeString(text), `href="`+link+`"`) && link != "" {
			t.Errorf("%s: the page lacks the link %s", c.ID, link)
		}
	}
	for _, h := range clientconfig.Hosted() {
		for _, want := range append([]string{h.Name + ": " + string(h.Support), h.Docs}, h.Steps...) {
			if !strings.Contains(html.UnescapeString(text), want) {
				t.Errorf("%s: the page lacks %q", h.Name, want)
			}
		}
	}
	if strings.Contains(text, "ZgotmplZ") {
		t.Error("the template escaped an unsafe value")
	}
	if n := len(text); n > 150_000 {
		t.Errorf("the page is %d bytes", n)
	}
}

// TestSigninTab: the page has a second tab only if people can sign in. It has every client
// that can sign in, every service and the endpoint's URL, but nothing about keys.
func TestSigninTab(t *testing.T) {
	if text := get(t, "GET", "/", deployed).Body.String(); strings.Contains(text, "signin") || strings.Contains(text, "data-tabs=\"way\"") {
		t.Error("the page without sign-in mentions it")
	}
	all := html.UnescapeString(getFrom(page.Options{Name: "weather", Signin: "/signin/mcp"}, "GET", "/", deployed).Body.String())
	_, text, found := strings.Cut(all, `id="panel-way-signin"`)
	text, _, _ = strings.Cut(text, "</main>")
	s := clientconfig.Server{Name: "weather", URL: "https://" + deployed + "/signin/mcp", Signin: true}
	want := []string{`<code id="signin-endpoint">` + s.URL + `</code>`}
	for _, c := range clientconfig.All() {
		if !c.SignsIn() {
			if strings.Contains(text, `id="tab-signin-`+c.ID+`"`) {
				t.Errorf("the tab has %s, which cannot sign in", c.Name)
			}
			continue
		}
		want = append(want, c.Name, c.Text(s), c.Docs, c.Steps(s, "linux", "")[0].Text, c.Steps(s, "linux", "")[0].Command, c.Link(s))
	}
	for _, h := range clientconfig.HostedSignin() {
		want = append(append(want, h.Name, h.Docs), h.Steps...)
	}
	want = append(want, "claude.ai", "ChatGPT", "Copilot Studio", "Gemini Enterprise")
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("the tab lacks %q", w)
		}
	}
	for _, bad := range []string{"x-api-key", "MCP_KEY", "YOUR-KEY", "ZgotmplZ"} {
		if strings.Contains(text, bad) {
			t.Errorf("the tab has %q", bad)
		}
	}
	if !found || strings.Contains(all, "needs sign-in") {
		t.Error("the tab for keys says that a service needs sign-in, although the other tab has the service")
	}
	if n := len(all); n > 200_000 {
		t.Errorf("the page is %d bytes", n)
	}
}

// A client without variables needs the key in its file: the user's file, never a project's.
func TestKeyIsInUsersFile(t *testing.T) {
	text := get(t, "GET", "/", deployed).Body.String()
	if strings.Contains(text, ".zed/settings.json") {
		t.Error("the page asks for the key in a project's file")
	}
}

// The policy names exactly the page's own style and script, by their hashes.
func TestPolicy(t *testing.T) {
	w := get(t, "GET", "/", deployed)
	policy := w.Header().Get("Content-Security-Policy")
	for directive, tag := range map[string]string{"style-src": "style", "script-src": "script"} {
		found := regexp.MustCompile(`(?s)<`+tag+`>(.*?)</`+tag+`>`).FindAllStringSubmatch(w.Body.String(), -1)
		if len(found) != 1 {
			t.Fatalf("%d elements %s, want one", len(found), tag)
		}
		sum := sha256.Sum256([]byte(found[0][1]))
		want := directive + " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
		if !strings.Contains(policy+";", want+";") {
			t.Errorf("the policy %q lacks %s", policy, want)
		}
	}
	for _, want := range []string{"default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy lacks %s", want)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("the policy is %q", policy)
	}
}

// Nothing in the page makes a browser load a resource or run an attribute's script.
func TestSelfContained(t *testing.T) {
	text := get(t, "GET", "/", deployed).Body.String()
	for _, pattern := range []string{`<(img|iframe|object|embed|video|audio|source|form|base)\b`, `\ssrc=`, ` on[a-z]+="`, ` style="`, `@import`, `url\(`, `<link rel="[^i]`} {
		if found := regexp.MustCompile(pattern).FindString(text); found != "" {
			t.Errorf("the page has %q", found)
		}
	}
}

func TestAddresses(t *testing.T) {
	for host, want := range map[string]string{
		deployed:            "https://" + deployed + "/mcp",
		"mcp.example.com":   "https://mcp.example.com/mcp",
		"127.0.0.1:8080":    "http://127.0.0.1:8080/mcp",
		"localhost:8080":    "http://localhost:8080/mcp",
		"[::1]:8080":        "http://[::1]:8080/mcp",
		"127.0.0.1.evil.io": "https://127.0.0.1.evil.io/mcp",
	} {
		text := html.UnescapeString(get(t, "GET", "/", host).Body.String())
		if !strings.Contains(text, `<code id="endpoint">`+want+`</code>`) {
			t.Errorf("Host %s: the endpoint is not %s", host, want)
		}
		if isLocal := strings.Contains(text, `"weather-local"`); isLocal != strings.HasPrefix(want, "http:") {
			t.Errorf("Host %s: named as the local server: %t", host, isLocal)
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		method, path, host string
		want               int
	}{
		{"HEAD", "/", deployed, http.StatusOK},
		{"POST", "/", deployed, http.StatusMethodNotAllowed},
		{"GET", "/other", deployed, http.StatusNotFound},
		{"GET", "/", `x"><script>alert(1)</script>`, http.StatusBadRequest},
		{"GET", "/", "user@evil.io", http.StatusBadRequest},
		{"GET", "/", "", http.StatusBadRequest},
	} {
		if w := get(t, c.method, c.path, c.host); w.Code != c.want || strings.Contains(w.Body.String(), "alert(1)") {
			t.Errorf("%s %s, Host %q: %d, want %d", c.method, c.path, c.host, w.Code, c.want)
		}
	}
}

// No command has a key in a program's arguments, which other users of the
// machine can read: neither one that the user enters nor one that the shell expands.
func TestNoKeyOnACommandLine(t *testing.T) {
	text := html.UnescapeString(get(t, "GET", "/", deployed).Body.String())
	for _, bad := range []string{`-H "x-api-key: $`, `--header "x-api-key: `, "x-api-key: YOUR-KEY"} {
		if strings.Contains(text, bad) {
			t.Errorf("the page has %s", bad)
		}
	}
	if !strings.Contains(text, "curl -sS --config - ") {
		t.Error("the check does not read the key from standard input")
	}
}
