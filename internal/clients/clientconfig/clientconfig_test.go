package clientconfig

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"serverless-mcp/internal/test/golden"
)

var server = Server{Name: "my-mcp-server", URL: "https://abc123.execute-api.eu-central-1.amazonaws.com/mcp"}

// TestClients compares every client's file, paths and link with a golden file, which
// reviewers compare with the clients' documentation.
func TestClients(t *testing.T) {
	var b strings.Builder
	for _, c := range All() {
		fmt.Fprintf(&b, "== %s: %s\n%s\n", c.ID, c.Name, c.Docs)
		for _, goos := range []string{"darwin", "linux", "windows"} {
			fmt.Fprintf(&b, "%s: %s\n", goos, strings.Join(c.Places(goos), ", "))
		}
		fmt.Fprintf(&b, "-- by reference: %t\n%s", c.HidesKey(), c.Text(server))
		withKey := server
		withKey.Key = "THE-KEY"
		fmt.Fprintf(&b, "-- key in file\n%s", c.Text(withKey))
		if link := c.Link(server); link != "" {
			fmt.Fprintf(&b, "-- link\n%s\n", link)
		}
		if command := c.Command(server); command != "" {
			fmt.Fprintf(&b, "-- command\n%s\n", command)
		}
		writeSignin(&b, c)
		b.WriteString("\n")
	}
	golden.Check(t, "testdata/clients.golden", b.String())
}

// writeSignin writes the client's entry and steps for an endpoint at which people sign in.
func writeSignin(b *strings.Builder, c Client) {
	fmt.Fprintf(b, "-- sign-in: %t\n", c.SignsIn())
	if !c.SignsIn() {
		return
	}
	b.WriteString(c.Text(signinServer))
	for _, step := range c.Steps(signinServer, "linux", "") {
		fmt.Fprintln(b, strings.TrimSpace(step.Text+" "+step.Command))
	}
}

// signinServer is the server's endpoint for sign-in.
var signinServer = Server{Name: server.Name, URL: "https://abc123.execute-api.eu-central-1.amazonaws.com/signin/mcp", Signin: true}

// TestSigninEntriesSendNoKey: a client whose entry has a header does not sign in. The link
// and the command contain no header either.
func TestSigninEntriesSendNoKey(t *testing.T) {
	for _, c := range All() {
		// Crush signs in only if its entry says so.
		all := strings.ReplaceAll(c.Text(signinServer), `"oauth": true`, "") + decodings(c.Link(signinServer)) + c.Command(signinServer)
		for _, part := range []string{"x-api-key", "header", "env", "MCP_KEY", "mcp-key", "YOUR-KEY", "oauth"} {
			if strings.Contains(strings.ToLower(all), strings.ToLower(part)) {
				t.Errorf("%s: %q is in the entry, the link or the command:\n%s", c.ID, part, all)
			}
		}
		if c.SignsIn() && !strings.Contains(c.Text(signinServer), signinServer.URL) {
			t.Errorf("%s: the entry does not contain the endpoint:\n%s", c.ID, c.Text(signinServer))
		}
		if c.SignsIn() != (len(c.Steps(signinServer, "linux", "")) > 0) {
			t.Errorf("%s: signs in is %t, with the steps %v", c.ID, c.SignsIn(), c.Steps(signinServer, "linux", ""))
		}
	}
	other := Client{ID: "other", entry: remote("", "url")}
	if other.SignsIn() || other.Entry(signinServer) != nil || other.Steps(signinServer, "linux", "") != nil {
		t.Errorf("a client without OAuth has an entry for sign-in: %v", other.Entry(signinServer))
	}
}

// TestForSignin: the endpoint is recognized by its whole path.
func TestForSignin(t *testing.T) {
	for address, want := range map[string]bool{
		signinServer.URL: true, signinServer.URL + "/": true, server.URL: false, "https://h/x/signin/mcp": false, "https://h/signin/mcp/x": false,
		"https://h/?signin/mcp": false, "": false, "https://h/signin%2fmcp%": false,
	} {
		if ForSignin(address) != want {
			t.Errorf("ForSignin(%q) is %t", address, !want)
		}
	}
}

func TestLinksHoldNoKey(t *testing.T) {
	const key = "THE-KEY-ITSELF"
	s := server
	s.Key = key
	linked := 0
	for _, c := range All() {
		if command := c.Command(s); strings.Contains(command, key) {
			t.Errorf("%s: the command contains the key: %s", c.ID, command)
		}
		link := c.Link(s)
		if link == "" {
			continue
		}
		linked++
		if text := decodings(link); strings.Contains(text, key) {
			t.Errorf("%s: the link contains the key: %s", c.ID, link)
		}
		if !strings.Contains(decodings(link), s.URL) {
			t.Errorf("%s: the link does not contain the server's URL: %s", c.ID, link)
		}
	}
	if linked != 3 {
		t.Errorf("%d clients have a link, want 3", linked)
	}
}

// decodings returns the link followed by all ways to decode it.
func decodings(link string) string {
	all := link
	if plain, err := url.PathUnescape(link); err == nil {
		all += plain
		if _, config, ok := strings.Cut(plain, "config="); ok {
			if raw, err := base64.StdEncoding.DecodeString(config); err == nil {
				all += string(raw)
			}
		}
	}
	return all
}

// Two servers must never share a variable or a stored answer.
func TestVariablesAreNotShared(t *testing.T) {
	other := Server{Name: "my-mcp-server-prod", URL: server.URL}
	for _, c := range All() {
		a, _ := json.Marshal(c.File(server))
		b, _ := json.Marshal(c.File(other))
		if strings.Contains(strings.ReplaceAll(string(b), other.Variable(), ""), server.Variable()) {
			t.Errorf("%s: the entry of %s names the variable of %s: %s", c.ID, other.Name, server.Name, b)
		}
		if string(a) == string(b) {
			t.Errorf("%s: two servers have the same entry", c.ID)
		}
	}
}

func TestFiles(t *testing.T) {
	f := Folders{GOOS: "darwin", Home: "/Users/a", Config: "/Users/a/Library/Application Support", Project: "/src/p"}
	for _, c := range []struct{ id, user, project string }{
		{"cursor", "/Users/a/.cursor/mcp.json", "/src/p/.cursor/mcp.json"},
		{"vscode-local", "/Users/a/Library/Application Support/Code/User/mcp.json", "/src/p/.vscode/mcp.json"},
		{"vscode", "/Users/a/.copilot/mcp-config.json", "/src/p/.mcp.json"},
		{"windsurf", "/Users/a/.codeium/windsurf/mcp_config.json", ""},
		{"zed", "/Users/a/.config/zed/settings.json", "/src/p/.zed/settings.json"},
	} {
		client, ok := Find(c.id)
		if !ok {
			t.Fatalf("no client %q", c.id)
		}
		if got := client.UserFile(f); got != c.user {
			t.Errorf("%s: user file %q, want %q", c.id, got, c.user)
		}
		if got := client.ProjectFile(f); got != c.project {
			t.Errorf("%s: project file %q, want %q", c.id, got, c.project)
		}
	}
	if _, ok := Find("notepad"); ok {
		t.Error("found a client that does not exist")
	}
}

// TestTwin: opencode.jsonc takes precedence over opencode.json.
func TestTwin(t *testing.T) {
	client, _ := Find("opencode-2")
	f := Folders{GOOS: "linux", Home: "/h", Project: "/p", Stat: exist("/p/opencode.jsonc")}
	if got := client.ProjectFile(f); got != "/p/opencode.jsonc" {
		t.Errorf("project file %q", got)
	}
	if got := client.UserFile(f); got != "/h/.config/opencode/opencode.json" {
		t.Errorf("user file %q", got)
	}
	f.Stat = exist("/p/opencode.jsonc/")
	if got := client.ProjectFile(f); got != "/p/opencode.json" {
		t.Errorf("project file %q beside a folder with the other name", got)
	}
	other, _ := Find("cursor")
	if got := append(client.Twins("/p/opencode.jsonc"), other.Twins("/p/mcp.json")...); got != nil {
		t.Errorf("twins %q, want none for the file that takes precedence, and none of another client", got)
	}
}

// TestNoUserFile: a client has no file on systems for which it does not exist.
func TestNoUserFile(t *testing.T) {
	c := Client{user: map[string]string{"darwin": "~/x.json"}}
	for goos, want := range map[string]string{"darwin": "/h/x.json", "linux": ""} {
		if got := c.UserFile(Folders{GOOS: goos, Home: "/h"}); got != want {
			t.Errorf("on %s: %q, want %q", goos, got, want)
		}
	}
}

// TestSteps compares the steps for making the key available with a golden file: for a
// client of each kind, on each system, with the key in a file and without.
func TestSteps(t *testing.T) {
	var b strings.Builder
	for _, id := range []string{"claude-code", "cursor", "vscode-local", "windsurf"} {
		c, ok := Find(id)
		if !ok {
			t.Fatalf("no client %q", id)
		}
		for _, goos := range []string{"darwin", "linux", "windows"} {
			for _, keyFile := range []string{"", "/home/ada/key", "/home/ada's keys/key"} {
				fmt.Fprintf(&b, "== %s on %s, key file %q\n", c.Name, goos, keyFile)
				for _, step := range c.Steps(server, goos, keyFile) {
					fmt.Fprintf(&b, "%s\n", step.Text)
					if step.Command != "" {
						fmt.Fprintf(&b, "    %s\n", step.Command)
					}
				}
			}
		}
	}
	golden.Check(t, "testdata/steps.golden", b.String())
	withKey := server
	withKey.Key = "THE-KEY"
	for _, c := range All() {
		steps := c.Steps(withKey, "linux", "")
		if len(steps) != 1 || steps[0].Command != "" || !strings.HasPrefix(steps[0].Text, "Quit "+c.Name) {
			t.Errorf("%s, whose entry has the key: %+v, want a step to restart it", c.ID, steps)
		}
	}
}

// TestTOMLKey: names that are not bare keys are quoted.
func TestTOMLKey(t *testing.T) {
	for name, want := range map[string]string{"": `""`, "a": "a", "A_b-9": "A_b-9", "a b": `"a b"`, "a.b": `"a.b"`, "\u00e9": "\"\u00e9\"", `a"`: `"a\""`} {
		if got := TOMLKey(name); got != want {
			t.Errorf("TOMLKey(%q) = %s, want %s", name, got, want)
		}
	}
}

// TestLocalServer: mcp-remote needs an option for an endpoint without TLS, which the
// local server is.
func TestLocalServer(t *testing.T) {
	local := Server{Name: "my-mcp-server", URL: "http://127.0.0.1:8080/mcp"}
	c, _ := Find("claude-desktop")
	if text := c.Text(local); !strings.Contains(text, `"--allow-http"`) {
		t.Errorf("the entry for %s lacks --allow-http:\n%s", local.URL, text)
	}
}

func TestQuoteShell(t *testing.T) {
	for path, want := range map[string]string{
		"/home/ada/.mcpctl/api-key": "/home/ada/.mcpctl/api-key", "../wörk/key_1": "../wörk/key_1",
		"a b": "'a b'", "it's": `'it'\''s'`, "w{1,2}/key": "'w{1,2}/key'", "w[1]!/key": "'w[1]!/key'", "~/key": "'~/key'", "#key": "'#key'", "": "''",
	} {
		if got := QuoteShell(path); got != want {
			t.Errorf("QuoteShell(%q) = %s, want %s", path, got, want)
		}
	}
}
