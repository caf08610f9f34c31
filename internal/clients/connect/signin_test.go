package connect_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/connect"
)

// signinShop is the endpoint for sign-in of the server shop.
var signinShop = clientconfig.Server{Name: "shop", URL: "https://abc.example.com/signin/mcp", Signin: true}

// TestAKeyIsNotReplacedBySignin: connecting for sign-in keeps an entry that sends a key, no
// matter which program wrote it, and connecting with a key keeps an entry for sign-in. With
// replace, nothing of the old entry is left.
func TestAKeyIsNotReplacedBySignin(t *testing.T) {
	for _, c := range clientconfig.All() {
		if !c.SignsIn() {
			continue
		}
		keyed := add(t, c, shop, file(t, ""), false)
		isRefused(t, c, signinShop, keyed, "the server's endpoint for keys")
		signed := add(t, c, signinShop, file(t, ""), false)
		isRefused(t, c, shop, signed, "the server's endpoint for sign-in")
		if got := add(t, c, signinShop, file(t, keyed), true); got != signed && !hasInputs(got) {
			t.Errorf("%s: key replaced by sign-in: %q, want %q", c.ID, got, signed)
		}
		if got := add(t, c, shop, file(t, signed), true); got != keyed && !hasInputs(got) {
			t.Errorf("%s: sign-in replaced by a key: %q, want %q", c.ID, got, keyed)
		}
		if got := add(t, c, signinShop, file(t, signed), false); got != signed {
			t.Errorf("%s: connected twice: %q, want %q", c.ID, got, signed)
		}
		toSignin := shop
		toSignin.URL = signinShop.URL // with a key, at the endpoint for sign-in
		isRefused(t, c, signinShop, add(t, c, toSignin, file(t, ""), false), "it sends a key")
	}
}

// hasInputs reports whether a file of VS Code has a list of inputs, which
// [TestReplacedKeyLeavesNoInput] tests.
func hasInputs(text string) bool { return strings.Contains(text, `"inputs"`) }

// isRefused tests that a server is not added to a file, which stays as it is.
func isRefused(t *testing.T, c clientconfig.Client, s clientconfig.Server, text, why string) {
	t.Helper()
	path := file(t, text)
	_, err := changer(t).Add(c, s, path, false)
	var other *connect.OtherServerError
	if !errors.As(err, &other) || !strings.Contains(err.Error(), why) {
		t.Errorf("%s: %v, want an OtherServerError with %q", c.ID, err, why)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != text {
		t.Errorf("%s: the file was changed: %q (%v)", c.ID, after, err)
	}
}

// TestACredentialIsFoundInEveryNotation: a client whose entry has a credential does not
// sign in.
func TestACredentialIsFoundInEveryNotation(t *testing.T) {
	const url = `"url":"https://abc.example.com/signin/mcp"`
	for _, c := range []struct{ id, text string }{
		{"cursor", `{"mcpServers":{"shop":{` + url + `,"headers":{"Authorization":"Bearer x"}}}}`},
		{"claude-code", `{"mcpServers":{"shop":{` + url + `,"headers":{"X-API-KEY":"x"}}}}`},
		{"codex", "[mcp_servers.shop]\nurl = \"https://abc.example.com/signin/mcp\"\nbearer_token_env_var = \"TOKEN\"\n"},
		{"codex", "[mcp_servers.shop]\nurl = \"https://abc.example.com/signin/mcp\"\nhttp_headers = { authorization = \"x\" }\n"},
		{"claude-desktop", `{"mcpServers":{"shop":{"command":"npx","args":["mcp-remote","https://abc.example.com/signin/mcp","--header=Authorization: Bearer x"]}}}`},
		{"claude-desktop", `{"mcpServers":{"shop":{"command":"npx","args":["mcp-remote","https://abc.example.com/signin/mcp","--header","x-api-key:x"]}}}`},
	} {
		isRefused(t, client(t, c.id), signinShop, c.text, "it sends a key")
	}
	own := `{"mcpServers":{"shop":{` + url + `,"headers":{"X-Team":"x"}}}}`
	if got := add(t, client(t, "cursor"), signinShop, file(t, own), false); got != own {
		t.Errorf("an entry with another header: %q, want %q", got, own)
	}
}

// TestSigninCorrectsOnlyTheConnection: a switch that turns OAuth off is removed, the
// transport is corrected, and everything else stays.
func TestSigninCorrectsOnlyTheConnection(t *testing.T) {
	for _, c := range []struct{ id, before, want string }{
		{
			"opencode", `{"mcp":{"shop":{"type":"remote","url":"https://abc.example.com/signin/mcp","oauth":false,"timeout":9}}}`,
			`{"mcp":{"shop":{"type":"remote","url":"https://abc.example.com/signin/mcp","timeout":9}}}`,
		},
		{
			"vscode", `{"mcpServers":{"shop":{"type":"sse","url":"https://abc.example.com/signin/mcp","x":1}}}`,
			`{"mcpServers":{"shop":{"type":"http","url":"https://abc.example.com/signin/mcp","x":1}}}`,
		},
		{
			"claude-desktop", `{"mcpServers":{"shop":{"command":"npx","args":["mcp-remote","https://abc.example.com/signin/mcp","--debug"]}}}`,
			`{"mcpServers":{"shop":{"command":"npx","args":["mcp-remote","https://abc.example.com/signin/mcp","--debug","--transport","http-only"]}}}`,
		},
	} {
		got := add(t, client(t, c.id), signinShop, file(t, c.before), false)
		if strings.Join(strings.Fields(got), "") != c.want {
			t.Errorf("%s: %s, want %s", c.id, got, c.want)
		}
	}
}

// TestReplacedKeyLeavesNoInput: the question for the key goes with the key.
func TestReplacedKeyLeavesNoInput(t *testing.T) {
	c := client(t, "vscode-local")
	got := add(t, c, signinShop, file(t, add(t, c, shop, file(t, ""), false)), true)
	if strings.Contains(got, "mcp-key-shop") {
		t.Errorf("the input for the key stays:\n%s", got)
	}
}

// TestExamineSignin: what keeps an entry from signing in is reported.
func TestExamineSignin(t *testing.T) {
	for text, want := range map[string]string{
		`{"mcp":{"shop":{"type":"remote","url":"https://abc.example.com/signin/mcp"}}}`:                                                  "",
		`{"mcp":{"shop":{"type":"remote","url":"https://abc.example.com/signin/mcp","oauth":false}}}`:                                    "its OAuth is off",
		`{"mcp":{"shop":{"type":"remote","url":"https://abc.example.com/signin/mcp","headers":{"x-api-key":"{env:HOME}"}}}}`:             "it sends a key to the endpoint for sign-in",
		`{"mcp":{"shop":{"type":"remote","url":"https://abc.example.com/mcp","oauth":false,"headers":{"x-api-key":"{env:MCP_KEY_X}"}}}}`: "",
	} {
		f := home(t, map[string]string{".config/opencode/opencode.json": text})
		m := connect.Machine{GOOS: "linux", Getenv: func(name string) string { return name }, Run: noProgram}
		problems, _, _ := m.Examine(t.Context(), f, connect.Repositories{}, now)
		var got string
		for _, p := range problems {
			got += p.What + "\n"
		}
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestOAuthSwitches: Crush signs in only if its entry turns OAuth on, and then uses
// no key.
func TestOAuthSwitches(t *testing.T) {
	c := client(t, "crush")
	const signed = `{"mcp":{"shop":{"type":"http","url":"https://abc.example.com/mcp","oauth":true,"timeout":9}}}`
	got := add(t, c, shop, file(t, signed), false)
	if strings.Contains(got, "oauth") || !strings.Contains(got, "x-api-key") || !strings.Contains(got, `"timeout":9`) {
		t.Errorf("connected with a key: %s", got)
	}
	const unsigned = `{"mcp":{"shop":{"type":"http","url":"https://abc.example.com/signin/mcp","timeout":9}}}`
	if got := add(t, c, signinShop, file(t, unsigned), false); !strings.Contains(got, `"oauth":true`) {
		t.Errorf("connected for sign-in: %s", got)
	}
	f := home(t, map[string]string{".config/crush/crush.json": unsigned})
	m := connect.Machine{GOOS: "linux", Getenv: func(string) string { return "" }, Run: noProgram}
	problems, _, _ := m.Examine(t.Context(), f, connect.Repositories{}, now)
	if len(problems) != 1 || !strings.Contains(problems[0].What, "OAuth is off") {
		t.Errorf("found %+v, want that OAuth is off", problems)
	}
}
