package clientconfig

import (
	"encoding/base64"
	"net/url"
	"strings"
)

// mcpRemote returns the entry for clients that only start programs. The header's
// argument has no space, because some clients split arguments at spaces.
func mcpRemote(s Server, key string) Object {
	return append(startMCPRemote(s, "--header", "x-api-key:${"+s.Variable()+"}"), Member{"env", Object{{s.Variable(), key}}})
}

// mcpRemoteSignin is like mcpRemote, for an endpoint at which people sign in.
func mcpRemoteSignin(s Server) Object { return startMCPRemote(s) }

func startMCPRemote(s Server, more ...string) Object {
	args := append([]string{"-y", "mcp-remote@0.15.1", s.URL, "--transport", "http-only"}, more...)
	if strings.HasPrefix(s.URL, "http://") {
		args = append(args, "--allow-http") // the server of mcpctl local
	}
	return Object{{"command", "npx"}, {"args", args}}
}

// codexEntry names the variable in the table env_http_headers: Codex CLI silently ignores
// "headers".
func codexEntry(s Server, key string) Object {
	name := "env_http_headers"
	if s.Key != "" {
		name = "http_headers"
	}
	return Object{{"url", s.URL}, {name, headers(key)}}
}

// opencodeEntry switches OAuth off: otherwise, after a rejected key, opencode would start a
// sign-in that does not exist.
func opencodeEntry(s Server, key string) Object {
	return Object{{"type", "remote"}, {"url", s.URL}, {"oauth", false}, {"headers", headers(key)}}
}

// opencodeSignin leaves OAuth on, which is opencode's default.
func opencodeSignin(s Server) Object { return Object{{"type", "remote"}, {"url", s.URL}} }

func gooseSignin(s Server) Object {
	return Object{{"enabled", true}, {"name", s.Name}, {"type", "streamable_http"}, {"uri", s.URL}}
}

// crushSignin turns OAuth on, which is off by default.
func crushSignin(s Server) Object {
	return Object{{"type", "http"}, {"url", s.URL}, {"oauth", true}}
}

// droidEntry returns the entry that "droid mcp add --type http --no-oauth" writes.
func droidEntry(s Server, key string) Object {
	return Object{{"type", "http"}, {"url", s.URL}, {"headers", headers(key)}, {"oauth", false}}
}

func gooseEntry(s Server, key string) Object {
	o := append(gooseSignin(s), Member{"headers", headers(key)})
	if s.Key == "" {
		o = append(o, Member{"env_keys", []string{s.Variable()}})
	}
	return o
}

// vscodeInput returns a reference to an input, for which VS Code asks the user. The input
// is named after the variable, because two servers must not share an answer.
func vscodeInput(variable string) string { return "${input:" + inputID(variable) + "}" }

func inputID(variable string) string {
	return strings.ToLower(strings.ReplaceAll(variable, "_", "-"))
}

func vscodeInputs(s Server) Object {
	return Object{{"inputs", []Object{{
		{"type", "promptString"}, {"id", inputID(s.Variable())},
		{"description", "API key of " + s.Name}, {"password", true},
	}}}}
}

// cursorLink returns the deep link of https://cursor.com/docs/mcp/install-links: the
// entry in base64, escaped because base64 contains + and /.
func cursorLink(s Server, entry Object) string {
	flat, _ := plainJSON(entry) // an entry always marshals
	return "cursor://anysphere.cursor-deeplink/mcp/install?name=" + url.QueryEscape(s.Name) +
		"&config=" + url.QueryEscape(base64.StdEncoding.EncodeToString(flat))
}

// vscodeLink returns a link with the entry, its name and its inputs, percent-encoded:
// https://code.visualstudio.com/api/extension-guides/ai/mcp#create-an-mcp-installation-url
func vscodeLink(s Server, entry Object) string {
	return "vscode:mcp/install?" + escape(vscodeWhole(s, entry))
}

// vscodeCommand returns the command for the same entry. The JSON contains no single
// quote.
func vscodeCommand(s Server, entry Object) string {
	return "code --add-mcp '" + vscodeWhole(s, entry) + "'"
}

func vscodeWhole(s Server, entry Object) string {
	whole := Object{{"name", s.Name}}
	if !s.Signin {
		whole = append(whole, vscodeInputs(s)...)
	}
	flat, _ := plainJSON(append(whole, entry...))
	return string(flat)
}

// claudeCommand returns a command with the header last: that option takes several values,
// and would take a name and URL that follow as two more. The single quotes keep the shell
// from expanding the variable, so that the key is neither in the shell's history nor in the
// file.
func claudeCommand(s Server, _ Object) string {
	command := "claude mcp add --transport http " + s.Name + " " + s.URL
	if s.Signin {
		return command
	}
	return command + " --header 'x-api-key: " + dollarBrace(s.Variable()) + "'"
}

func kiroLink(s Server, entry Object) string {
	flat, _ := plainJSON(entry)
	return "https://kiro.dev/launch/mcp/add?name=" + url.QueryEscape(s.Name) + "&config=" + escape(string(flat))
}

// escape escapes like JavaScript's encodeURIComponent: also & and =, unlike
// url.PathEscape, and a space as %20, unlike url.QueryEscape.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
